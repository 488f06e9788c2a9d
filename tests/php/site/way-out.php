<?php

/**
 * Ends the request in the way ?way= with `$_SESSION` open and changed: n is one more. ?way=hang writes the worker's process
 * id into ?begun=FILE and ends never. With ?handle=1 it is a `Session`, whose `saved` it saves before, and whose n the way
 * out shall save.
 */

declare(strict_types=1);

foreach ($_GET['ini'] ?? [] as $setting => $value) {
    ini_set($setting, $value);
}

final class ThrowsAtItsEnd
{
    public function __destruct()
    {
        throw new RuntimeException('thrown by a destructor');
    }
}

if (isset($_GET['handle'])) {
    $session = new Session();
    $session->saved = $session->saved + 1;
    $session->save();
    $session->n = $session->n + 1;
} else {
    session_start();
    $_SESSION['n'] = ($_SESSION['n'] ?? 0) + 1;
}

switch ($_GET['way']) {
    case 'exit':
        exit(1);
    case 'die':
        die('died');
    case 'exception':
        throw new RuntimeException('uncaught');
    case 'type error':
        strlen();
        break;
    case 'fatal':
        trigger_error('fatal', E_USER_ERROR);
        break;
    case 'compile error':
        eval('class Twice {} class Twice {}');
        break;
    case 'memory':
        ini_set('memory_limit', '4M');
        $full = str_repeat('x', 1 << 30);
        break;
    case 'time':
        set_time_limit(1);
        while (true) {
            hash('sha256', 'busy');
        }
    case 'stack':
        $recurse = static function () use (&$recurse): void {
            $recurse();
        };
        ini_set('memory_limit', '8M');
        $recurse();
        break;
    case 'exception in a shutdown function':
        register_shutdown_function(static fn () => throw new RuntimeException('uncaught'));
        exit;
    case 'exit in a shutdown function':
        register_shutdown_function(static function (): void {
            exit;
        });
        break;
    case 'exception in a destructor':
        $GLOBALS['kept'] = new ThrowsAtItsEnd();
        break;
    case 'exit in an output callback':
        ob_start(static fn (string $output): string => throw new RuntimeException('uncaught'));
        echo 'output';
        break;
    case 'exception in a header callback':
        header_register_callback(static fn () => throw new RuntimeException('uncaught'));
        break;
    case 'finished early':
        fastcgi_finish_request();
        break;
    case 'hang':
        file_put_contents($_GET['begun'], getmypid());
        while (true) {
            usleep(1000);
        }
}
echo 'the end';
