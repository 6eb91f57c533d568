<?php
namespace Tillbook\Core;
final class Trap extends \RuntimeException { public const OUT_OF_MEMORY = 1; }
