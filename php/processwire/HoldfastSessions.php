<?php namespace ProcessWire;

/**
 * The sessions of users, as Holdfast knows them
 *
 * To Holdfast a session of $_SESSION is a guest's until own() says whose it is. From then on it has a handle, which names
 * it and is no credential, and it is found among the sessions of its user.
 */
class HoldfastSessions extends Wire {

	/**
	 * Holdfast's own objects, by the names of the cookies: there is one set of options for each in a request
	 *
	 * @var \Holdfast\Session[]
	 */
	protected $stores = array();

	/**
	 * Makes this request's session the session of a user who has just logged in
	 *
	 * It gets another id by this, as at any login, and ProcessWire's own variables stay as they are.
	 *
	 * @param User $user
	 * @param bool $alone End all other sessions of the user?
	 * @return int How many others were ended
	 * @throws \Exception The session is open all the same, and works, but nobody's.
	 */
	public function own(User $user, $alone = false) {
		$name = session_name();
		$id = session_id();
		session_write_close();
		$ended = 0;
		try {
			$store = $this->stores[$name] = $this->open($name, $id, $alone);
			if($alone) {
				$ended = count($store->getSessions($user->id));
				foreach($this->names() as $other) {
					if($other !== $name) $ended += $this->store($other)->endSessions($user->id);
				}
			}
			$store->forceLogin($this->holdfastUser($user));
			$id = $store->getId();
			$store->close();
		} finally {
			session_id($id);
			@session_start();
		}
		return $ended;
	}

	/**
	 * The sessions of all users, the one that was used last first
	 *
	 * A store may have sessions of other sites, which have other cookies: a user's id there is somebody else here. So each is
	 * looked up among those that its user has here.
	 *
	 * @param int $limit The most that are given, from 1 to 1000
	 * @return \Holdfast\SessionInfo[]
	 */
	public function online($limit) {
		$query = array('loggedIn' => true, 'order' => 'activity', 'descending' => true, 'limit' => $limit);
		$ours = array();
		$sessions = array();
		foreach(\Holdfast\Store::sessions($query)['sessions'] as $row) {
			$user = $row['user'];
			if(!ctype_digit($user)) continue;
			if(!isset($ours[$user])) {
				$ours[$user] = array();
				foreach($this->of((int) $user) as $session) $ours[$user][$session->handle] = $session;
			}
			if(isset($ours[$user][$row['handle']])) $sessions[] = $ours[$user][$row['handle']];
		}
		return $sessions;
	}

	/**
	 * The sessions of a user
	 *
	 * @param User|int $user
	 * @return \Holdfast\SessionInfo[]
	 */
	public function of($user) {
		$sessions = array();
		foreach($this->names() as $name) {
			$sessions = array_merge($sessions, $this->store($name)->getSessions((int) "$user"));
		}
		return $sessions;
	}

	/**
	 * Ends a session: its next request is a guest's
	 *
	 * @param string $handle
	 * @param User|int $user Whose it must be
	 * @return bool False when the user has no such session any more
	 */
	public function end($handle, $user) {
		foreach($this->of($user) as $session) {
			// The audit log names who ends it.
			if($session->handle === $handle) return \Holdfast\Store::end($handle, $this->wire()->user->name);
		}
		return false;
	}

	/**
	 * Ends all sessions of a user, but not this request's
	 *
	 * @param User|int $user
	 * @return int How many that were
	 */
	public function endAll($user) {
		$ended = 0;
		foreach($this->names() as $name) {
			$store = $this->store($name);
			$current = array_filter($store->getSessions((int) "$user"), function($session) { return $session->isCurrent; });
			$ended += $current ? $store->endOtherSessions() : $store->endSessions((int) "$user");
		}
		return $ended;
	}

	/**
	 * The names of ProcessWire's cookies: over HTTPS it has another one
	 *
	 * @return string[]
	 */
	protected function names() {
		$config = $this->wire()->config;
		$names = array($config->sessionName, $config->sessionNameSecure ?: $config->sessionName . 's');
		if($this->isOpen()) $names[] = session_name();
		return array_unique($names);
	}

	/**
	 * @return bool
	 */
	protected function isOpen() {
		return session_status() === PHP_SESSION_ACTIVE;
	}

	/**
	 * @param string $name
	 * @return \Holdfast\Session
	 */
	protected function store($name) {
		if(!isset($this->stores[$name])) {
			$id = $this->isOpen() && $name === session_name() ? session_id() : '';
			$this->stores[$name] = $this->open($name, $id);
		}
		return $this->stores[$name];
	}

	/**
	 * ProcessWire checks fingerprint and challenge itself, and has a throttle of its own
	 *
	 * @param string $name
	 * @param string $id
	 * @param bool $alone Does a login end the other sessions of its user?
	 * @return \Holdfast\Session
	 */
	protected function open($name, $id, $alone = false) {
		return new \Holdfast\Session(array(
			'cookie_name' => $name,
			'lifetime' => max(1, (int) $this->wire()->config->sessionExpireSeconds ?: (int) ini_get('session.gc_maxlifetime')),
			'sessions_per_user' => $alone ? 1 : 0,
			'sessions_per_user_policy' => 'oldest',
			'challenge' => false,
			'fingerprint' => 0,
			'throttle' => false,
		) + ($id === '' ? array() : array('id' => $id)));
	}

	/**
	 * @param User $user
	 * @return \Holdfast\User
	 */
	protected function holdfastUser(User $user) {
		return new class($user) implements \Holdfast\User {
			public function __construct(private User $user) { }
			public function getId(): int|string { return (int) $this->user->id; }
			public function getName(): string { return (string) $this->user->name; }
		};
	}
}
