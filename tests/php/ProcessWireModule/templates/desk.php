<?php namespace ProcessWire;

/**
 * A page of the site that does as it is told, in this order, and tells what it saw:
 *
 * ?begun=FILE is made, ?until=FILE is waited for (15 seconds at most), ?wait=MILLISECONDS. ?set=KEY sets a variable of the session; ?notice=TEXT
 * queues a notice; ?grow=BYTES sets a variable of that size. ?do=token makes a single-use token of the id ?id=, ?do=use
 * uses it; ?do=login logs in ?name= with ?pass=, ?do=force without a password; ?do=logout. ?devices=1 counts the sessions of
 * the user.
 */

/** @var Session $session */
/** @var WireInput $input */
/** @var Modules $modules */

$began = hrtime(true);
$seen = $session->getAll();
if($input->get('begun')) touch($input->get('begun'));
// A page that waits in vain says so by what it has not done.
while($input->get('until') && !file_exists($input->get('until')) && hrtime(true) - $began < 15e9) {
	usleep(1000);
	clearstatcache();
}
usleep(1000 * (int) $input->get('wait'));

if($input->get('set')) $session->setFor('work', $input->get('set'), 1);
if($input->get('notice')) $session->message($input->get('notice'));
if($input->get('grow')) $session->set('large', random_bytes((int) $input->get('grow')));

$result = null;
switch($input->get('do')) {
	case 'token':
		$result = $session->CSRF->getSingleUseToken($input->get('id'));
		break;
	case 'use':
		$result = $session->CSRF->hasValidToken($input->get('id'));
		break;
	case 'login':
		$result = (bool) $session->login($input->get('name'), $input->get('pass'));
		break;
	case 'force':
		$result = (bool) $session->forceLogin($input->get('name'));
		break;
	case 'logout':
		$session->logout();
		break;
}

$devices = $input->get('devices') ? count($modules->get('SessionHoldfast')->sessions()->of(wire('user'))) : null;

header('Content-Type: application/json');
echo json_encode(array(
	'user' => wire('user')->name,
	'seen' => $seen,
	'work' => $session->getAllFor('work'),
	'result' => $result,
	'devices' => $devices,
	'began' => $began,
	'ended' => hrtime(true),
));
