<?php

declare(strict_types=1);

/*
 * Makes the tables of the members, in the database that HOLDFAST_USERS_DSN names, and a role beside those that sites begin
 * with; see ../serve.
 */

require __DIR__ . '/members.php';

Holdfast\Users\Schema::installMembers(new PDO((string) getenv('HOLDFAST_USERS_DSN')));
users()->roles->create('Editors', [
    'can_view_online_system', 'can_view_profiles', 'can_send_private_messages', 'can_access_publish', 'can_edit_other_entries',
]);
