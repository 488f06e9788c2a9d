<?php

/** Logs out as an application that knows $_SESSION alone. */

declare(strict_types=1);

ini_set('session.save_handler', 'holdfast');
ini_set('session.serialize_handler', 'holdfast');
session_name('holdfast');
session_start();
header('Content-Type: application/json');
echo json_encode(['destroyed' => session_destroy()]);
