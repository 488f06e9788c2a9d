<?php

/**
 * A page that has a session and does not use it.
 */

declare(strict_types=1);

$session = new Session();
echo '{}';
