<?php

namespace ExpressionEngine\Dependency\League\Flysystem\Cached\Storage;

/** In the place of flysystem-cached-adapter's: nothing is kept. */
class Memory
{
}
