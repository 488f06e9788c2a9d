<?php

use ExpressionEngine\Service\Addon\Installer;
use Holdfast\AddOn\Serving\Settings;
use Holdfast\AddOn\Serving\Store;
use Holdfast\Exception\HoldfastException;

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

    /** Nothing is left in the database; what is kept in the store ends with the members' sessions, and what has changed at once. */
    public function uninstall()
    {
        $changes = Settings::installed()->changes();
        $done = parent::uninstall();
        if ($changes !== '' && REQ !== 'CLI' && Store::isThere()) {
            try {
                Store::ofChanges($changes)->destroy();
            } catch (HoldfastException $failure) {
                error_log('Holdfast: ' . $failure->getMessage());
            }
        }

        return $done;
    }

    /** An update keeps what was set: ExpressionEngine's own writes it with the hooks, serialized twice. */
    public function update($current = '')
    {
        $settings = Settings::installed()->all();
        $done = parent::update($current);
        Settings::change(static fn (): array => $settings);

        return $done;
    }
}
