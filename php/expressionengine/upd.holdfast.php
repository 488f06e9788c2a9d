<?php

use ExpressionEngine\Service\Addon\Installer;

class Holdfast_upd extends Installer
{
    public $has_cp_backend = 'y';

    /**
     * Other add-ons' hooks come before and after: at the start of a session this one is the last, because it ends the
     * constructor; at its end the first, because what others change there is changed anew on each page.
     */
    public $methods = [
        ['hook' => 'sessions_start', 'priority' => 999],
        ['hook' => 'sessions_end', 'priority' => 1],
        ['hook' => 'cli_boot', 'priority' => 1],
    ];

    /** An update keeps what was set. */
    public function update($current = '')
    {
        $this->settings = Holdfast\AddOn\Serving\Settings::installed()->all();

        return parent::update($current);
    }
}
