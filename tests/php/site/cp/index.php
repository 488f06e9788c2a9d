<?php

/**
 * The control panel of a site: a directory of its own, which .user.ini says to be it. As ../userdata.php.
 */

declare(strict_types=1);

require __DIR__ . '/../userdata.php';
