<?php

use ExpressionEngine\Service\Addon\Installer;

class Probe_upd extends Installer
{
    public $methods = [['hook' => 'sessions_start', 'priority' => 1], ['hook' => 'sessions_end', 'priority' => 1000]];
}
