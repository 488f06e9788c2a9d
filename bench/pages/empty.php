<?php

/**
 * A page without a session: what the servers cost.
 */

declare(strict_types=1);

echo "<!doctype html><title>Empty</title>\n";
