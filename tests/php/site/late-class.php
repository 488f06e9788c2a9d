<?php

/**
 * Uses the class `Session` when `$_SESSION` is being saved at the end of the request, after the class's own end.
 */

declare(strict_types=1);

final class Late
{
    public function __construct(private string $who)
    {
    }

    /** @return array<string, string> */
    public function __serialize(): array
    {
        @(new Session())->set('secret', $this->who);
        return ['who' => $this->who];
    }
}

session_start();
$_SESSION['late'] = new Late($_GET['who']);
echo json_encode(['worker' => getmypid()]);
