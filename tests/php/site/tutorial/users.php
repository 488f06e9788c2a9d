<?php

// The users of this site.
$users = ['anna' => password_hash('secret', PASSWORD_BCRYPT, ['cost' => 4])];
