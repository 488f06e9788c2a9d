<?php

use Holdfast\AddOn\Serving\Changes;
use Holdfast\AddOn\Serving\Request;
use Holdfast\AddOn\Serving\Settings;
use Holdfast\AddOn\Serving\Watch;

class Holdfast_ext
{
    public $version = '1.0.0';

    /** @var Request|null between the two hooks of one session's constructor */
    private static ?Request $request = null;

    private Settings $settings;

    /** @param array<string, mixed>|string $settings as ExpressionEngine keeps them; '' when there are none */
    public function __construct($settings = '')
    {
        $this->settings = new Settings(is_array($settings) ? $settings : []);
    }

    /** ExpressionEngine calls it with every update of the add-on, whose installer does all there is to do. */
    public function update_extension($current = ''): bool
    {
        return true;
    }

    /** Before the session asks the database: answers it from the store, if what is there is true. */
    public function sessions_start(EE_Session $session): void
    {
        $changes = new Changes($this->settings);
        Watch::begin($changes);
        if (! in_array(REQ, ['PAGE', 'ACTION'], true)) {
            Watch::constructing();
            return;
        }
        self::$request = new Request($session, $this->settings, $changes);
        if (self::$request->serve()) {
            self::$request = null;
            // What others do at the end of a session they do to this one, too.
            ee()->extensions->call('sessions_end', $session);
            unset($session->sdata);
            ee()->extensions->end_script = true;
            return;
        }
        Watch::constructing();
    }

    /** The database has answered: keeps what it said for the member's next pages. */
    public function sessions_end(EE_Session $session): void
    {
        Watch::constructed();
        self::$request?->keep();
        self::$request = null;
    }

    /** On the command line there is no session to be served, but what is changed there must be seen. */
    public function cli_boot(): void
    {
        Watch::begin(new Changes($this->settings));
    }
}
