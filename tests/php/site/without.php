<?php

/**
 * A page that has nothing to do with sessions.
 */

declare(strict_types=1);

echo 'plain';
