<?php

/**
 * The front controller of a site in a directory of its own: every address below it is a page of ../tracker.php.
 */

declare(strict_types=1);

require __DIR__ . '/../tracker.php';
