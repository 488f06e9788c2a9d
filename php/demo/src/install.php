<?php

declare(strict_types=1);

/*
 * Makes the tables of the members, in the database that HOLDFAST_USERS_DSN names; see ../serve.
 */

require __DIR__ . '/members.php';

CrewProvider::install(new PDO((string) getenv('HOLDFAST_USERS_DSN')));
