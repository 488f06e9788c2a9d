<?php

declare(strict_types=1);

/*
 * Who is who. The shop's members are in the database that php/demo/serve makes; see docs/users.md.
 */

require_once __DIR__ . '/../../autoload.php';
require_once __DIR__ . '/CrewProvider.php';

use Holdfast\Users\PdoUser;

function users(): CrewProvider
{
    static $users = null;

    return $users ??= new CrewProvider(new PDO(getenv('HOLDFAST_USERS_DSN')));
}

/** @return array<int, string> the names of the roles that members can have, by their numbers */
function roles(): array
{
    return CrewProvider::ROLES;
}

/** The member who is logged in. Anybody else is sent to log in, and comes back to this page afterwards. */
function member(Session $session, string $page): PdoUser
{
    $user = $session->getUser();
    if ($user === null) {
        $session->redirectUrl($page);
        $session->warning('That page is for members. Please log in.');
        $session->redirect('/login', 303);
    }

    return $user;
}

/** After a login: on to the page that asked for it. */
function welcome(Session $session, PdoUser $user): never
{
    $page = $session->redirectUrl() ?: '/members';
    $session->redirectUrl(null);
    $session->message("Welcome aboard, {$user->getName()}.");
    $session->redirect($page, 303);
}
