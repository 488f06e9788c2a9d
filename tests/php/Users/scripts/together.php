<?php

declare(strict_types=1);

/** Returns when this many processes have come here: then they go on at once. */
function startTogether(string $directory, int $processes): void
{
    @mkdir($directory);
    touch($directory . '/' . getmypid());
    $deadline = microtime(true) + 60;
    while (count(scandir($directory)) - 2 < $processes) {
        if (microtime(true) > $deadline) {
            throw new RuntimeException("The others did not come to $directory.");
        }
    }
}
