<?php namespace ProcessWire;

/**
 * Sessions in Holdfast
 *
 * ProcessWire keeps what it calls $session in PHP's $_SESSION, and PHP keeps that in Holdfast when php.ini says so: that
 * takes no module. This one tells what is missing where it does not work, and tells Holdfast who has logged in, so that
 * it knows whose session is whose: for the page Access > Sessions, for one session per user, for ending the sessions of
 * a user whose password changes.
 *
 * @property int|bool $noPS Prevent more than one session per logged-in user?
 * @property int|bool $endOnPass End the other sessions of a user whose password changes?
 */
class SessionHoldfast extends WireData implements Module, ConfigurableModule {

	public static function getModuleInfo() {
		return array(
			'title' => 'Session Holdfast',
			'version' => 100,
			'summary' => 'Sessions in the PHP extension Holdfast: parallel requests, one session per user, and a page that shows who is on.',
			'author' => 'Holdfast',
			'icon' => 'anchor',
			'singular' => true,
			'autoload' => true,
			'requires' => array('ProcessWire>=3.0.200', 'PHP>=8.1.0'),
			'installs' => array('ProcessSessionHoldfast'),
		);
	}

	/**
	 * Name of the log, and of what is kept in $cache
	 */
	const name = 'session-holdfast';

	/**
	 * How long the admin is told of a session that could not be opened or saved, in seconds
	 */
	const tellSeconds = 3600;

	/**
	 * A failure is written to the log and the database at most once in so many seconds
	 */
	const logSeconds = 60;

	/**
	 * The store, as far as this request has needed it
	 *
	 * @var HoldfastSessions|null
	 */
	protected $sessions = null;

	/**
	 * What PHP said while a session was being opened or saved
	 *
	 * @var array
	 */
	protected $said = array();

	/**
	 * Why this request has no session, '' when it has one
	 *
	 * @var string
	 */
	protected $failure = '';

	public function __construct() {
		parent::__construct();
		$this->set('noPS', 0);
		$this->set('endOnPass', 1);
	}

	/**
	 * The session is opened after this and before init()
	 */
	public function wired() {
		$this->addHookBefore('Session::init', $this, 'hookBeforeSessionInit');
		$this->addHookAfter('Session::init', $this, 'hookAfterSessionInit');
		// What is registered while these functions run comes last: others may still use the session.
		register_shutdown_function(function() {
			register_shutdown_function(array($this, 'saveSession'));
		});
		parent::wired();
	}

	public function init() {
		$this->addHookAfter('Session::loginSuccess', $this, 'hookLoginSuccess');
		$this->addHookAfter('Pages::savedPageOrField', $this, 'hookSaved');
		$this->addHookAfter('Users::deleted', $this, 'hookUserDeleted');
	}

	public function ready() {
		if($this->wire()->page->template == 'admin') $this->tell();
	}

	/**
	 * The sessions in the store
	 *
	 * @return HoldfastSessions|null Null when sessions are not Holdfast's, or can't be opened
	 */
	public function sessions() {
		if(!$this->isHoldfasts() || $this->failure !== '') return null;
		if(!$this->sessions) {
			require_once(__DIR__ . '/HoldfastSessions.php');
			$this->sessions = $this->wire(new HoldfastSessions());
		}
		return $this->sessions;
	}

	/**
	 * Are the sessions of this site Holdfast's, and such as it can look into?
	 *
	 * @return bool
	 */
	protected function isHoldfasts() {
		return extension_loaded('holdfast')
			&& session_module_name() === 'holdfast'
			&& ini_get('session.serialize_handler') === 'holdfast'
			&& !$this->isElsewhere();
	}

	/**
	 * Is the store of $_SESSION named in session.save_path, and not in holdfast.store, where everything else looks?
	 *
	 * @return bool
	 */
	protected function isElsewhere() {
		return (bool) preg_match('/^[a-z+]+:/', (string) ini_get('session.save_path'));
	}

	/**
	 * Is a session of Holdfast's open in this request? On a command line there is none.
	 *
	 * @return bool
	 */
	protected function isOpen() {
		return $this->isHoldfasts() && session_status() === PHP_SESSION_ACTIVE;
	}

	/**
	 * What is not as it should be, and what to do
	 *
	 * @return array of ['text' => string, 'error' => bool]: an error means that sessions are not Holdfast's, or that there are none.
	 */
	public function problems() {

		$problems = array();
		$ini = php_ini_loaded_file() ?: 'php.ini';

		if(!extension_loaded('holdfast')) {
			$problems[] = array('error' => true, 'text' => sprintf(
				$this->_('PHP has not loaded the extension Holdfast: sessions are kept by “%1$s”. Install it, add “extension=holdfast” to %2$s, and reload PHP.'),
				ini_get('session.save_handler'), $ini
			));
			return $problems;
		}

		$handler = session_module_name();
		if($handler === 'user') {
			$problems[] = array('error' => true, 'text' => $this->wire()->modules->isInstalled('SessionHandlerDB')
				? $this->_('Sessions are kept in the database: uninstall the module SessionHandlerDB.')
				: $this->_('Sessions are kept by a save handler that another module or site/config.php has set. Remove it.')
			);
		} else if($handler !== 'holdfast') {
			$problems[] = array('error' => true, 'text' => sprintf(
				$this->_('Sessions are kept by “%1$s”. Set “session.save_handler = holdfast” in %2$s, and reload PHP.'), $handler, $ini
			));
		}

		if($handler !== 'user' && ini_get('session.serialize_handler') !== 'holdfast') {
			$problems[] = array('error' => false, 'text' => sprintf(
				$this->_('Requests of one visitor wait for each other, and nobody can tell who is on, because “session.serialize_handler” is “%1$s”. Set it to “holdfast” in %2$s, and reload PHP. Whoever is logged in then logs in again.'),
				ini_get('session.serialize_handler'), $ini
			));
		}

		if($handler === 'holdfast' && $this->isElsewhere()) {
			$problems[] = array('error' => false, 'text' => sprintf(
				$this->_('Nobody can tell who is on, because “session.save_path” names the store. Name it in “holdfast.store” in %s instead, and reload PHP.'), $ini
			));
		}

		if($this->failure !== '') {
			$problems[] = array('error' => true, 'text' => sprintf(
				$this->_('Sessions can’t be opened, so nobody can log in: %s'), $this->failure
			));
		} else if(!$problems && ($last = $this->wire()->cache->getFor($this, 'failure'))) {
			$problems[] = array('error' => false, 'text' => sprintf(
				$this->_('%1$s a session could not be opened or saved: %2$s'),
				ucfirst(wireRelativeTimeStr($last['time'])), $last['text']
			));
		}

		return $problems;
	}

	/**
	 * Tells who uses the admin what is not as it should be
	 *
	 * Without sessions everybody is a guest here: a guest is told that nobody can log in, and where to look.
	 */
	protected function tell() {
		if($this->wire()->config->ajax) return;
		if($this->wire()->user->isSuperuser()) {
			foreach($this->problems() as $problem) {
				$problem['error'] ? $this->error($problem['text']) : $this->warning($problem['text']);
			}
		} else if($this->failure !== '') {
			$this->error(sprintf(
				$this->_('Sessions can’t be opened, so nobody can log in. The reason is in the log “%s”.'),
				'site/assets/logs/' . self::name . '.txt'
			));
		}
	}

	/**
	 * ProcessWire hides what session_start() says, which is noted here
	 *
	 * @param HookEvent $event
	 */
	public function hookBeforeSessionInit(HookEvent $event) {
		// What this serializer writes is no text, and the database keeps text: nobody could log in, not even to uninstall it.
		if(ini_get('session.serialize_handler') === 'holdfast' && $this->wire()->modules->isInstalled('SessionHandlerDB')) {
			ini_set('session.serialize_handler', 'php');
		}
		$this->listen();
	}

	/**
	 * @param HookEvent $event
	 */
	public function hookAfterSessionInit(HookEvent $event) {
		$this->failure = '';
		$said = $this->heard();
		// Another handler's troubles are not ours.
		if(ini_get('session.save_handler') !== 'holdfast' || $said === '') return;
		if(session_status() === PHP_SESSION_ACTIVE) return;
		$this->failure = $said;
		$this->failed($said);
	}

	/**
	 * Saves the session at the end of the request, to hear whether that works
	 */
	public function saveSession() {
		if(session_status() !== PHP_SESSION_ACTIVE || session_module_name() !== 'holdfast') return;
		$this->listen();
		session_write_close();
		$said = $this->heard();
		if($said !== '') $this->failed($said);
	}

	/**
	 * Notes what PHP says from here on, which is said all the same
	 */
	protected function listen() {
		$this->said = array();
		set_error_handler(function($level, $text) {
			$this->said[] = $text;
			return false;
		}, E_WARNING | E_NOTICE);
	}

	/**
	 * What PHP has said since listen()
	 *
	 * @return string
	 */
	protected function heard() {
		restore_error_handler();
		foreach($this->said as $text) {
			// Of several, ours says what happened; those of PHP's own only that something did.
			if(stripos($text, 'failed to') === false) return $text;
		}
		return (string) reset($this->said);
	}

	/**
	 * Keeps a failure for the admin, where sessions are not needed
	 *
	 * @param string $text
	 */
	protected function failed($text) {
		$cache = $this->wire()->cache;
		$last = $cache->getFor($this, 'failure');
		if($last && $last['text'] === $text && $last['time'] > time() - self::logSeconds) return;
		$cache->saveFor($this, 'failure', array('text' => $text, 'time' => time()), self::tellSeconds);
		$this->wire()->log->save(self::name, $text);
	}

	/**
	 * Tells Holdfast who has logged in
	 *
	 * @param HookEvent $event
	 */
	public function hookLoginSuccess(HookEvent $event) {
		if(!$this->isOpen()) return;
		$sessions = $this->sessions();
		$user = $event->arguments(0); /** @var User $user */
		try {
			$ended = $sessions->own($user, (bool) $this->noPS);
		} catch(\Exception $e) {
			$this->failed($e->getMessage());
			return;
		}
		if($ended) $this->message(sprintf(
			$this->_('Previous login session for “%s” has been removed/logged-out.'), $user->name
		));
	}

	/**
	 * Ends the other sessions of a user whose password has changed
	 *
	 * @param HookEvent $event
	 */
	public function hookSaved(HookEvent $event) {
		$user = $event->arguments(0);
		$changes = $event->arguments(1);
		if(!$user instanceof User || !$this->endOnPass || !is_array($changes) || !in_array('pass', $changes)) return;
		$ended = $this->endAll($user);
		if($ended) $this->message(sprintf(
			$this->_n('Ended %1$d session of “%2$s”, whose password has changed.', 'Ended %1$d sessions of “%2$s”, whose password has changed.', $ended),
			$ended, $user->name
		));
	}

	/**
	 * @param HookEvent $event
	 */
	public function hookUserDeleted(HookEvent $event) {
		$this->endAll($event->arguments(0));
	}

	/**
	 * Ends all sessions of a user, but not this request's
	 *
	 * A store that fails does not keep the user from being saved; who does it is told.
	 *
	 * @param User $user
	 * @return int How many that were
	 */
	protected function endAll(User $user) {
		$sessions = $this->sessions();
		if(!$sessions) return 0;
		try {
			return $sessions->endAll($user);
		} catch(\Exception $e) {
			$this->failed($e->getMessage());
			$this->error(sprintf($this->_('The sessions of “%1$s” could not be ended: %2$s'), $user->name, $e->getMessage()));
			return 0;
		}
	}

	/**
	 * @param InputfieldWrapper $inputfields
	 */
	public function getModuleConfigInputfields($inputfields) {

		$modules = $this->wire()->modules;
		$sanitizer = $this->wire()->sanitizer;
		$problems = $this->problems();
		$out = '';

		foreach($problems as $problem) {
			$icon = $problem['error'] ? 'times-circle' : 'exclamation-triangle';
			$out .= "<p>" . wireIconMarkup($icon, 'fw') . ' ' . $sanitizer->entities($problem['text']) . "</p>";
		}
		if(!$problems) {
			$out = "<p>" . wireIconMarkup('check', 'fw') . ' ' . $sanitizer->entities(sprintf(
				$this->_('Sessions are kept by Holdfast %s, and requests of one visitor run in parallel.'), phpversion('holdfast')
			)) . "</p>" . $this->renderStore();
		}

		/** @var InputfieldMarkup $f */
		$f = $modules->get('InputfieldMarkup');
		$f->attr('name', '_status');
		$f->label = $this->_('Status');
		$f->icon = $problems ? 'exclamation-triangle' : 'check';
		$f->value = $out;
		$inputfields->add($f);

		/** @var InputfieldCheckbox $f */
		$f = $modules->get('InputfieldCheckbox');
		$f->attr('name', 'noPS');
		$f->attr('value', 1);
		$f->attr('checked', $this->noPS ? 'checked' : '');
		$f->label = $this->_('Disallow parallel sessions?');
		$f->description = $this->_('Checking this box will allow only one single session for a logged-in user at a time.');
		$f->notes = $this->_('When enabled, successful login expires all other sessions for that user on other devices/browsers.');
		$inputfields->add($f);

		/** @var InputfieldCheckbox $f */
		$f = $modules->get('InputfieldCheckbox');
		$f->attr('name', 'endOnPass');
		$f->attr('value', 1);
		$f->attr('checked', $this->endOnPass ? 'checked' : '');
		$f->label = $this->_('End the other sessions of a user whose password changes?');
		$f->description = $this->_('Whoever else is logged in as this user, on another device or with a stolen cookie, is logged out.');
		$inputfields->add($f);
	}

	/**
	 * How full the store is
	 *
	 * @return string
	 */
	protected function renderStore() {
		try {
			$stats = \Holdfast\Store::stats();
		} catch(\Exception $e) {
			return "<p>" . wireIconMarkup('exclamation-triangle', 'fw') . ' ' . $this->wire()->sanitizer->entities($e->getMessage()) . "</p>";
		}
		$used = wireBytesStr($stats['used_bytes']);
		$text = $stats['capacity_bytes']
			? sprintf($this->_('%1$s has %2$s of %3$s in use.'), $stats['store'], $used, wireBytesStr($stats['capacity_bytes']))
			: sprintf($this->_('%1$s has %2$s in use.'), $stats['store'], $used);
		if($stats['refused']) $text .= ' ' . sprintf($this->_('It was full, and has refused to save %d times.'), $stats['refused']);
		return "<p>" . wireIconMarkup('database', 'fw') . ' ' . $this->wire()->sanitizer->entities($text) . "</p>";
	}

	public function ___uninstall() {
		$this->wire()->cache->deleteFor($this);
		$this->wire()->log->delete(self::name);
	}
}
