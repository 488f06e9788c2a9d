<?php namespace ProcessWire;

/**
 * Who is on, since when, from where; and ends sessions
 *
 * Accompanies the module SessionHoldfast.
 */
class ProcessSessionHoldfast extends Process {

	public static function getModuleInfo() {
		return array(
			'title' => __('Sessions', __FILE__), // getModuleInfo title
			'summary' => __('Shows who is logged in, since when and from where, and ends sessions.', __FILE__), // getModuleInfo summary
			'version' => 100,
			'author' => 'Holdfast',
			'icon' => 'dashboard',
			'requires' => array('SessionHoldfast'),
			'permission' => 'sessions-view',
			'permissions' => array(
				'sessions-view' => 'View who is logged in (Holdfast)',
				'sessions-end' => 'End sessions (Holdfast)',
			),
			'page' => array(
				'name' => self::pageName,
				'parent' => 'access',
				'title' => 'Sessions',
			),
		);
	}

	const pageName = 'sessions';

	/**
	 * The most sessions that are shown
	 */
	const limit = 500;

	/**
	 * @return string
	 */
	public function ___execute() {

		$modules = $this->wire()->modules;
		$input = $this->wire()->input;

		/** @var SessionHoldfast $holdfast */
		$holdfast = $modules->get('SessionHoldfast');
		$sessions = $holdfast->sessions();
		if(!$sessions) return $this->renderProblems($holdfast->problems());

		if($input->post('submit_end')) {
			$this->end($sessions, (array) $input->post('end'));
			$this->wire()->session->redirect($this->wire()->page->url, false);
		}

		$rows = array();
		$numUsers = 0;
		foreach($sessions->online(self::limit + 1) as $session) $rows[] = $session;
		$isCut = count($rows) > self::limit;
		$rows = array_slice($rows, 0, self::limit);
		$users = $this->users($rows);
		$numUsers = count($users);
		$mayEnd = $this->wire()->user->hasPermission('sessions-end');

		/** @var InputfieldForm $form */
		$form = $modules->get('InputfieldForm');
		$form->attr('id', 'SessionHoldfastForm');
		$form->attr('action', './');
		$form->attr('method', 'post');

		/** @var InputfieldMarkup $markup */
		$markup = $modules->get('InputfieldMarkup');
		$markup->value =
			"<h2>" . wireIconMarkup('dashboard', 'fw lg ui-priority-secondary') . ' ' .
			sprintf($this->_n('%d user is logged in', '%d users are logged in', $numUsers), $numUsers) . "</h2>" .
			($rows ? $this->table($rows, $users, $mayEnd)->render() : '') .
			($isCut ? "<p class='notes'>" . sprintf($this->_('Only the %d sessions that were used last are shown.'), self::limit) . "</p>" : '');
		$form->add($markup);

		/** @var InputfieldSubmit $submit */
		$submit = $modules->get('InputfieldSubmit');
		$submit->attr('id+name', 'submit_refresh');
		$submit->attr('value', $this->_('Refresh'));
		$submit->icon = 'refresh';
		$submit->showInHeader();
		$form->add($submit);

		if($mayEnd) {
			/** @var InputfieldSubmit $submit */
			$submit = $modules->get('InputfieldSubmit');
			$submit->attr('id+name', 'submit_end');
			$submit->attr('value', $this->_('End checked sessions'));
			$submit->icon = 'sign-out';
			$submit->setSecondary();
			$form->add($submit);
		}

		return $form->render();
	}

	/**
	 * Ends the sessions that were checked in the form
	 *
	 * @param HoldfastSessions $sessions
	 * @param array $checked of "user id:handle"
	 * @throws WirePermissionException|WireCSRFException
	 */
	protected function end(HoldfastSessions $sessions, array $checked) {

		$this->wire()->session->CSRF->validate();
		if(!$this->wire()->user->hasPermission('sessions-end')) {
			throw new WirePermissionException($this->_('You don’t have permission to end sessions.'));
		}

		$ended = 0;
		foreach($checked as $value) {
			if(!is_string($value) || !preg_match('/^(\d{1,10}):([0-9a-f]{32})$/D', $value, $matches)) continue;
			if(!$sessions->end($matches[2], (int) $matches[1])) continue;
			$ended++;
			$user = $this->wire()->users->get((int) $matches[1]);
			$this->wire()->log->save(SessionHoldfast::name, "Ended a session of '$user->name'");
		}
		$this->message(sprintf($this->_n('Ended %d session', 'Ended %d sessions', $ended), $ended));
	}

	/**
	 * The names of those who have these sessions
	 *
	 * @param \Holdfast\SessionInfo[] $rows
	 * @return string[] by user id
	 */
	protected function users(array $rows) {
		$users = array();
		foreach($rows as $row) {
			if(isset($users[$row->user])) continue;
			$user = $this->wire()->users->get((int) $row->user);
			$users[$row->user] = $user && $user->id ? $user->name : $row->user;
		}
		return $users;
	}

	/**
	 * @param \Holdfast\SessionInfo[] $rows
	 * @param string[] $users
	 * @param bool $mayEnd
	 * @return MarkupAdminDataTable
	 */
	protected function table(array $rows, array $users, $mayEnd) {

		$sanitizer = $this->wire()->sanitizer;

		/** @var MarkupAdminDataTable $table */
		$table = $this->wire()->modules->get('MarkupAdminDataTable');
		$table->setSortable(false);
		$table->setEncodeEntities(false);
		$header = array(
			$this->_('User'),
			$this->_('Logged in'),
			$this->_('Last request'),
			$this->_('IP Addr'),
			$this->_('User Agent'),
		);
		if($mayEnd) $header[] = $this->_('End');
		$table->headerRow($header);

		foreach($rows as $row) {
			$tr = array(
				$sanitizer->entities($users[$row->user]),
				$this->time($row->authenticated),
				$this->time($row->lastActivity),
				$sanitizer->entities($row->address),
				"<span title='" . $sanitizer->entities($row->userAgent) . "'>" . $sanitizer->entities($this->browser($row->userAgent)) . "</span>",
			);
			if($mayEnd) $tr[] = $row->isCurrent
				? "<span class='detail'>" . $this->_('this session') . "</span>"
				: "<input type='checkbox' class='uk-checkbox' name='end[]' value='$row->user:$row->handle' aria-label='" .
					$sanitizer->entities(sprintf($this->_('End this session of %s'), $users[$row->user])) . "'>";
			$table->row($tr);
		}

		return $table;
	}

	/**
	 * @param int $time
	 * @return string
	 */
	protected function time($time) {
		return "<span title='" . wireDate($this->wire()->config->dateFormat, $time) . "'>" . wireRelativeTimeStr($time) . "</span>";
	}

	/**
	 * What a browser calls itself, in short
	 *
	 * @param string $agent
	 * @return string
	 */
	protected function browser($agent) {
		// The more special come first: Edge calls itself Chrome, and Chrome calls itself Safari.
		$browsers = array('Edg' => 'Edge', 'OPR' => 'Opera', 'Firefox' => 'Firefox', 'Chrome' => 'Chrome', 'CriOS' => 'Chrome', 'Version' => 'Safari');
		$systems = array('iPhone' => 'iPhone', 'iPad' => 'iPad', 'Android' => 'Android', 'Windows' => 'Windows', 'Mac OS' => 'macOS', 'Linux' => 'Linux');
		foreach($browsers as $token => $browser) {
			if(!preg_match("~\\b$token/(\\d+)~", $agent, $matches)) continue;
			foreach($systems as $word => $system) {
				if(strpos($agent, $word) !== false) return "$browser $matches[1], $system";
			}
			return "$browser $matches[1]";
		}
		return strlen($agent) > 60 ? substr($agent, 0, 60) . '…' : $agent;
	}

	/**
	 * @param array $problems
	 * @return string
	 */
	protected function renderProblems(array $problems) {
		$out = "<h2>" . $this->_('Sessions are not in Holdfast') . "</h2>";
		foreach($problems as $problem) {
			$out .= "<p>" . wireIconMarkup('exclamation-triangle', 'fw') . ' ' . $this->wire()->sanitizer->entities($problem['text']) . "</p>";
		}
		return $out;
	}

	/**
	 * Deletes the page, which has nothing in it that could be wanted back
	 *
	 * @return int
	 */
	protected function ___uninstallPage() {
		$pages = $this->wire()->pages;
		$moduleID = $this->wire()->modules->getModuleID($this);
		$n = 0;
		foreach($pages->find("process=$moduleID, include=all") as $page) {
			$n += $pages->delete($page, true) ? 1 : 0;
		}
		return $n;
	}
}
