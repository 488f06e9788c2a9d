<?php

declare(strict_types=1);

/** What a function throws. */
function thrown(callable $function): Throwable
{
    try {
        $function();
    } catch (Throwable $thrown) {
        return $thrown;
    }
    throw new LogicException('Nothing was thrown.');
}
