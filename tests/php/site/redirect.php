<?php

/**
 * Redirects to ?url= with ?status= (JSON), in the situation that ?in= names; by `location()` with ?method=location. What
 * is thrown is shown. ?options=JSON are those of the session.
 */

declare(strict_types=1);

$session ??= new Session(json_decode($_GET['options'] ?? '{}', true, flags: JSON_THROW_ON_ERROR));

final class SavesAtItsEnd
{
    public function __destruct()
    {
        Session::current()->set('destructor', true);
    }
}

$go = static function () use ($session): void {
    $arguments = [$_GET['url'] ?? '/arrived.php'];
    if (isset($_GET['status'])) {
        $arguments[] = json_decode($_GET['status'], true, flags: JSON_THROW_ON_ERROR);
    }
    $session->{$_GET['method'] ?? 'redirect'}(...$arguments);
};

try {
    switch ($_GET['in'] ?? 'the page') {
        case 'the page':
            $go();
            break;
        case 'a page with other headers':
            http_response_code(404);
            header('Location: /elsewhere');
            header('location: /another', false);
            $go();
            break;
        case 'the page after login':
            $session->redirect($session->redirectUrl() ?: '/');
            break;
        case 'an output buffer':
            ob_start();
            echo 'buffered';
            $go();
            break;
        case 'a page that has sent output':
            echo 'output';
            flush();
            $go();
            break;
        case 'a function':
            register_shutdown_function(static fn () => Session::current()->set('shutdown', true));
            $session->set('before', true)->message('queued');
            (static function () use ($go): void {
                $local = new SavesAtItsEnd();
                array_map(static fn () => $go(), [1]);
            })();
            break;
        case 'a loop with finally':
            foreach ([1, 2] as $turn) {
                try {
                    $session->set('turn', $turn);
                    $go();
                } catch (Throwable) {
                    $session->set('caught', true);
                } finally {
                    $session->set('finally', true);
                }
            }
            break;
        case 'an update':
            $session->set('beside', true);
            $session->update('counted', static function (mixed $old) use ($go): int {
                $go();
                return 1;
            });
            break;
        case 'a shutdown function':
            register_shutdown_function($go);
            exit;
        case 'a destructor':
            $GLOBALS['last'] = new class ($go) {
                public function __construct(private Closure $go)
                {
                }

                public function __destruct()
                {
                    ($this->go)();
                }
            };
            exit;
        case 'an answer that is slow to end':
            $session->message('quick');
            register_shutdown_function(static function (): void {
                flush();
                touch($_GET['begun']);
                while (!file_exists($_GET['until'])) {
                    usleep(1000);
                    clearstatcache();
                }
            });
            $go();
            break;
        case 'a subclass':
            $own = new class () extends Session {
                public function redirect($url, $status = 302)
                {
                    parent::redirect("$url?by=subclass", $status);
                }
            };
            $own->location($_GET['url'] ?? '/arrived.php', 303);
            break;
    }
} catch (Exception $failure) {
    echo get_class($failure), ': ', $failure->getMessage();
}
echo ' and the page goes on';
