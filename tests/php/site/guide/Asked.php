<?php

declare(strict_types=1);

/** Remembers what userdata() was asked for and gave: the guide's first example keeps it to itself. */
final class Asked extends Session
{
    /** @var array<string, mixed> */
    public array $asked = [];

    public function userdata($which, $default = false)
    {
        return $this->asked[$which] = parent::userdata($which, $default);
    }
}
