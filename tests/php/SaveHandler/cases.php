<?php

declare(strict_types=1);

/**
 * Visits to a site of PHP sessions: each case is the pages that one visitor asks for, one after the other, with a browser
 * that keeps cookies. Together they call every function of PHP's session reference at every point of a session's life. VISIT
 * is another word in each visit.
 *
 * @return array<string, list<string>>
 */
function cases(): array
{
    $start = 'say("start", session_start()); state("started");';
    $count = 'session_start(); $_SESSION["n"] = ($_SESSION["n"] ?? 0) + 1; $_SESSION["list"][] = $_SESSION["n"]; state("counted");';
    $show = 'session_start(); state("found");';

    return [
        // session_start, session_status, session_id, session_name
        'before anything' => ['state("before"); say("id", session_id()); say("status", session_status());'],
        'a session goes on' => [$count, $count, $count, $show],
        'nothing is written' => [$start, $start, $start],
        'start twice' => ["$count $start state('again');", $show],
        'start after output' => ['echo "output\n"; while (ob_get_level()) { ob_end_flush(); } flush();' . $start, $start],
        'start in a session of its own name' => [
            'session_name("SHOP"); $_SESSION = 1; session_start(); $_SESSION["shop"] = 1; state("own name");',
            'session_start(["name" => "SHOP"]); state("by an option");',
            $show,
        ],
        'the name cannot be changed while active' => ['session_start(); say("name", session_name("OTHER")); state("after");'],
        'names that are refused' => [
            'foreach (["", "123", "a b", "a=b", "a\0b", "x.y"] as $name) { say("name", session_name($name)); } state("after");',
        ],
        'start with options' => [
            'say("start", session_start(["cookie_lifetime" => 100, "gc_maxlifetime" => 200, "cookie_httponly" => true,
                "cookie_samesite" => "Strict", "cache_limiter" => "private", "cache_expire" => 30]));
             $_SESSION["a"] = 1; say("params", session_get_cookie_params()); state("started");',
            $show,
        ],
        'options that are refused' => [
            'say("start", session_start(["nonsense" => 1])); state("after");',
            'try { say("start", session_start(["read_and_close" => []])); } catch (Throwable $e) { say(get_class($e), $e->getMessage()); } state("after");',
            'try { say("start", session_start([1 => 1])); } catch (Throwable $e) { say(get_class($e), $e->getMessage()); } state("after");',
        ],
        'read_and_close' => [
            $count,
            'say("start", session_start(["read_and_close" => true])); state("read"); $_SESSION["n"] = 99; state("changed");
             say("write", session_write_close());',
            $show,
            'session_start(["read_and_close" => true]); session_start(); $_SESSION["n"]++; state("reopened");',
            $show,
        ],
        'read_and_close of nothing' => ['session_start(["read_and_close" => true]); state("read");', $show],
        'the id, read and set' => [
            'say("set before", session_id("chosen-by-hand-" . VISIT)); state("set"); ' . $count . ' say("set while active", session_id("other")); state("after");',
            'session_id("chosen-by-hand-" . VISIT); ' . $count,
            $show,
        ],
        'an id that is set and not written to' => [
            'session_id("chosen-in-vain-" . VISIT); session_start(); state("first");',
            'session_id("chosen-in-vain-" . VISIT); session_start(); state("second");',
        ],
        'an empty id is no id' => ['session_id(""); ' . $count, $show],
        'another session in the same request' => [
            $count . 'session_write_close(); session_id("second-session-" . VISIT); ' . $count . ' session_write_close();
             session_id("second-session-" . VISIT); session_start(); state("second again");',
        ],
        'names and ids as they come by cookie' => [
            'session_start(); $_SESSION["a"] = 1; say("cookie", $_COOKIE);',
            'session_start(); say("same", $_COOKIE["PHPSESSID"] === session_id()); state("after"); say("SID", SID);',
        ],

        // session_write_close, session_commit, session_abort, session_reset, session_unset
        'write_close' => [
            $count . 'say("close", session_write_close()); state("closed"); $_SESSION["n"] = 50; say("close again", session_write_close());',
            $show,
            'session_start(); $_SESSION["n"] = 60; say("commit", session_commit()); state("committed"); session_start(); state("reopened");
             $_SESSION["n"]++;',
            $show,
        ],
        'write_close without a session' => ['say("close", session_write_close()); state("after");'],
        'abort' => [
            $count,
            'session_start(); $_SESSION["n"] = 77; say("abort", session_abort()); state("aborted"); say("again", session_abort());',
            $show,
            'session_start(); $_SESSION["n"] = 78; session_abort(); session_start(); state("restarted"); $_SESSION["m"] = 1;',
            $show,
        ],
        'reset' => [
            $count,
            'session_start(); $_SESSION["n"] = 88; $_SESSION["new"] = 1; say("reset", session_reset()); state("reset");
             $_SESSION["after"] = 1;',
            $show,
        ],
        'reset of a new session' => ['session_start(); $_SESSION["a"] = 1; say("reset", session_reset()); state("reset"); $_SESSION["b"] = 1;', $show],
        'abort, reset, unset without a session' => [
            'say("abort", session_abort()); say("reset", session_reset()); say("unset", session_unset()); state("after");',
        ],
        'unset' => [
            $count,
            'session_start(); say("unset", session_unset()); state("unset"); $_SESSION["z"] = 1;',
            $show,
            'session_start(); unset($_SESSION["z"]); state("removed");',
            $show,
            'session_start(); $_SESSION = []; state("emptied");',
            $show,
            $count,
            $show,
        ],
        'the whole array is replaced' => [
            $count,
            'session_start(); $_SESSION = ["other" => [1, 2]];',
            $show,
            'session_start(); unset($_SESSION); state("unset itself");',
            $show,
            'session_start(); $_SESSION = "text"; state("text");',
            $show,
        ],
        'write, then write again in a request' => [
            $count . 'session_write_close();' . $count . 'session_write_close();' . $count,
            $show,
        ],
        'reset after a write by somebody else' => [
            $count,
            'session_start(); $own = session_id(); $_SESSION["n"] = 5; session_write_close(); session_start(); $_SESSION["n"] = 6; session_reset(); state("reset");',
            $show,
        ],

        // session_destroy
        'destroy' => [
            $count,
            'session_start(); say("destroy", session_destroy()); state("destroyed"); say("again", session_destroy());',
            $show,
            $count,
            $show,
        ],
        'destroy without a session' => ['say("destroy", session_destroy()); state("after");'],
        'destroy what was never written' => ['session_start(); say("destroy", session_destroy()); state("destroyed");', $show],
        'destroy and start' => [
            $count,
            'session_start(); session_destroy(); say("start", session_start()); state("restarted"); $_SESSION["flash"] = "bye";',
            $show,
        ],
        'destroy as the manual does it' => [
            $count,
            'session_start(); $_SESSION = []; $p = session_get_cookie_params();
             setcookie(session_name(), "", 1, $p["path"], $p["domain"], $p["secure"], $p["httponly"]);
             say("destroy", session_destroy()); state("destroyed");',
            $count,
            $show,
        ],
        'destroy, with what is written after it' => [
            $count,
            'session_start(); session_destroy(); $_SESSION["late"] = 1; say("close", session_write_close());',
            $show,
        ],
        'a chosen id after its destruction' => [
            'session_id("chosen-and-ended-" . VISIT);' . $count,
            'session_id("chosen-and-ended-" . VISIT); session_start(); session_destroy();',
            'session_id("chosen-and-ended-" . VISIT);' . $count,
            'session_id("chosen-and-ended-" . VISIT);' . $show,
        ],

        // session_regenerate_id
        'regenerate, old one kept' => [
            $count,
            'session_start(); $old = session_id(); say("regenerate", session_regenerate_id()); state("regenerated");
             say("changed", $old !== session_id()); $_SESSION["new"] = 1; file_put_contents(__DIR__ . "/old", $old);',
            $show,
            $count,
            $show,
        ],
        'regenerate, old one deleted' => [
            $count,
            'session_start(); $old = session_id(); say("regenerate", session_regenerate_id(true)); state("regenerated");
             say("changed", $old !== session_id()); $_SESSION["new"] = 1;',
            $show,
            $count,
            $show,
        ],
        'regenerate a new session' => [
            'session_start(); $_SESSION["a"] = 1; say("regenerate", session_regenerate_id(true)); state("regenerated");',
            $show,
            'session_start(); say("regenerate", session_regenerate_id()); say("regenerate", session_regenerate_id(true)); state("twice");',
            $show,
        ],
        'regenerate without a session' => ['say("regenerate", session_regenerate_id()); state("after");'],
        'regenerate after output' => [
            $count,
            'session_start(); echo "output\n"; while (ob_get_level()) { ob_end_flush(); } flush();
             say("regenerate", session_regenerate_id()); state("after");',
            $show,
        ],
        'regenerate after the end' => [$count . 'session_write_close(); say("regenerate", session_regenerate_id()); state("after");', $show],
        'regenerate and destroy' => [
            $count,
            'session_start(); session_regenerate_id(true); $_SESSION["x"] = 1; say("destroy", session_destroy()); state("destroyed");',
            $show,
        ],
        'regenerate and abort' => [
            $count,
            'session_start(); $_SESSION["x"] = 1; say("regenerate", session_regenerate_id()); $_SESSION["y"] = 1; session_abort(); state("aborted");',
            $show,
        ],
        'regenerate and reset' => [
            $count,
            'session_start(); $_SESSION["x"] = 1; session_regenerate_id(); $_SESSION["y"] = 1; say("reset", session_reset()); state("reset");',
            $show,
        ],

        // session_create_id
        'create_id' => [
            'say("without a session", is_string(session_create_id()), str_starts_with((string) session_create_id("shop-"), "shop-"));
             session_start(); $id = session_create_id(); say("with one", is_string($id), $id !== session_id());
             say("with a prefix", str_starts_with((string) session_create_id("shop-"), "shop-")); say("differs", session_create_id() !== session_create_id());
             state("after");',
            'foreach (["a b", "a/b", "ü", "a_b"] as $prefix) { say("prefix", session_create_id($prefix)); } state("after");',
        ],
        'an id with a prefix is used' => [
            'session_id(session_create_id("user7-")); ' . $count . ' say("prefix", str_starts_with(session_id(), "user7-"));',
            $count . 'say("prefix", str_starts_with(session_id(), "user7-"));',
            $show,
        ],
        'an id that was created while active is used next' => [
            'session_start(); $_SESSION["a"] = 1; $id = session_create_id("b-"); session_write_close(); session_id($id); session_start();
             state("next"); $_SESSION["b"] = 1;',
            $show,
            $count,
        ],
        'the manual\'s own way to regenerate' => [
            $count,
            'session_start(); $new = session_create_id("n-"); $_SESSION["destroyed"] = 1; session_commit();
             ini_set("session.use_strict_mode", 0); session_id($new); session_start(); state("new one"); $_SESSION["here"] = 1;',
            $show,
            $count,
        ],

        // session_encode, session_decode
        'encode and decode' => [
            'say("encode without", session_encode()); say("decode without", session_decode("a|i:1;"));
             session_start(); $_SESSION["a"] = ["b" => [1, 2.5, null]]; $_SESSION["t"] = "text"; $data = session_encode(); say("encoded", is_string($data));
             $_SESSION = []; say("decode", session_decode($data)); state("decoded");
             $_SESSION = ["kept" => 1]; say("decode", session_decode($data)); state("decoded over it");
             session_write_close(); say("decode after", session_decode($data));',
            $show,
        ],
        'decode nothing' => ['session_start(); $_SESSION["a"] = 1; say("decode", session_decode("")); state("after");', $show],
        'encode nothing' => ['session_start(); $data = session_encode(); say("decode", session_decode((string) $data)); state("after");', $show],

        // session_gc, cookies, cache, shutdown
        'gc' => ['say("without", session_gc()); session_start(); $_SESSION["a"] = 1; say("with", is_int(session_gc())); state("after");', $show],
        'gc at every start' => ['ini_set("session.gc_probability", 1); ini_set("session.gc_divisor", 1);' . $count, 'session_start(["gc_probability" => 1, "gc_divisor" => 1]); state("after");'],
        'cookie parameters' => [
            'say("params", session_get_cookie_params());
             say("set", session_set_cookie_params(["lifetime" => 60, "path" => "/x", "domain" => "example.org", "secure" => false, "httponly" => true, "samesite" => "Lax"]));
             session_start(); say("params", session_get_cookie_params()); say("too late", session_set_cookie_params(5)); state("after");',
        ],
        'cache limiter' => [
            'say("limiter", session_cache_limiter(), session_cache_expire()); say("set", session_cache_limiter("public"), session_cache_expire(5));
             session_start(); say("limiter", session_cache_limiter(), session_cache_expire()); say("too late", session_cache_limiter("nocache"), session_cache_expire(6));',
            'session_cache_limiter("private_no_expire"); session_start();',
            'session_cache_limiter("private"); session_start();',
            'session_cache_limiter(""); session_start();',
        ],
        'register_shutdown' => [
            'session_start(); say("registered", session_register_shutdown()); $_SESSION["a"] = 1;
             register_shutdown_function(function () { say("status", session_status()); });',
            $show,
        ],
        'written by a shutdown function' => ['register_shutdown_function(function () { $_SESSION["late"] = 1; }); session_start();', $show],
        'written by a destructor' => [
            'class Late { function __destruct() { $_SESSION["late"] = 1; } } $late = new Late(); session_start();',
            $show,
        ],
        'module name and path' => [
            'say("path", session_save_path() === ini_get("session.save_path"));
             session_start(); say("module", session_module_name() === ini_get("session.save_handler"));
             say("too late", session_module_name("files"), session_save_path("/tmp"));',
        ],
        'settings cannot be changed while active' => [
            'session_start(); foreach (["gc_maxlifetime" => 1, "use_strict_mode" => 1, "lazy_write" => 0, "serialize_handler" => "php", "save_path" => "/tmp", "name" => "X"] as $name => $value) {
                say($name, ini_set("session.$name", $value)); }',
        ],
        'ini_set after output' => ['echo "output\n"; while (ob_get_level()) { ob_end_flush(); } flush(); say("set", ini_set("session.gc_maxlifetime", 1));'],

        // strict mode, lazy_write
        'without cookies' => [
            'ini_set("session.use_cookies", 0); ini_set("session.use_only_cookies", 1); session_start(); $_SESSION["a"] = 1; state("first");',
            'ini_set("session.use_cookies", 0); session_start(); state("second");',
        ],
        'unchanged sessions' => [$count, $show, $show, 'session_start(); $_SESSION["n"] = $_SESSION["n"]; state("same value");', $show],
        'a change far below' => [
            'session_start(); $_SESSION["a"]["b"]["c"]["d"] = 1;',
            'session_start(); $_SESSION["a"]["b"]["c"]["d"]++; $_SESSION["a"]["b"]["list"][] = 1;',
            'session_start(); unset($_SESSION["a"]["b"]["c"]["d"]); state("after");',
            $show,
        ],
        'reset by hand to what it was' => [$count, 'session_start(); $n = $_SESSION["n"]; $_SESSION["n"] = 9; $_SESSION["n"] = $n;', $show],

        // handlers in PHP
        'a SessionHandler that changes nothing' => [
            ...array_fill(0, 3, 'session_set_save_handler(new SessionHandler()); ' . $count),
            'session_set_save_handler(new SessionHandler()); session_start(); session_regenerate_id(true); state("regenerated");',
            'session_set_save_handler(new SessionHandler()); session_start(); say("destroy", session_destroy()); state("destroyed");',
        ],
        'a handler that logs the order of calls' => array_map(
            static fn (string $code): string => logger() . $code,
            [
                $count,
                $count,
                $show,
                'session_start(); session_regenerate_id(); state("regenerated");',
                'session_start(); session_regenerate_id(true); state("regenerated");',
                'session_start(); session_abort();',
                'session_start(); $_SESSION["n"] = 7; session_reset(); state("reset");',
                'session_start(); say("gc", is_int(session_gc()));',
                'session_start(); say("created", strlen(session_create_id("a-")) > 2);',
                'session_start(["read_and_close" => true]); state("read");',
                'session_start(); session_destroy(); state("destroyed");',
            ]
        ),
        'a SessionHandler without an open session' => [
            '$h = new SessionHandler(); foreach ([["open", "", "PHPSESSID"], ["read", "x"], ["write", "x", "y"], ["destroy", "x"], ["gc", 1], ["create_sid"], ["close"]] as $call) {
                $method = array_shift($call);
                try { $result = $h->$method(...$call); say($method, $method === "create_sid" ? is_string($result) : $result); } catch (Throwable $e) { say($method, get_class($e), $e->getMessage()); }
             } state("after");',
        ],
        'a SessionHandler used directly while active' => [
            'session_set_save_handler($h = new SessionHandler()); session_start(); $_SESSION["a"] = 1; state("started");
             say("read", $h->read(session_id())); say("gc", is_int($h->gc(1000))); say("sid", is_string($h->create_sid())); session_write_close(); state("closed");',
            $show,
        ],
        'a SessionHandler that reads another session while active' => [
            $count,
            'session_set_save_handler($h = new SessionHandler()); session_start(); $_SESSION["n"] = 5; say("read", $h->read("another-one-" . VISIT));',
            $show,
            $count,
            $show,
        ],
        'a SessionHandler that destroys another session while active' => [
            'session_id("to-be-destroyed-" . VISIT); session_start(); $_SESSION["n"] = 1; session_write_close(); session_id(session_create_id());' . $count,
            'session_set_save_handler($h = new SessionHandler()); session_start(); $_SESSION["n"] = 5; say("destroy", $h->destroy("to-be-destroyed-" . VISIT));',
            $show,
            $count,
            $show,
        ],
        'a SessionHandler that writes another session while active' => [
            $count,
            'session_set_save_handler($h = new SessionHandler()); session_start(); $_SESSION["n"] = 5; say("write", $h->write("written-beside-" . VISIT, session_encode()));',
            $show,
            'session_id("written-beside-" . VISIT); session_start(); state("the other");',
        ],
        'a handler that keeps sessions elsewhere' => [
            'class Elsewhere implements SessionHandlerInterface { public function open(string $p, string $n): bool { return true; }
                public function close(): bool { return true; } public function read(string $id): string|false { return (string) @file_get_contents(__DIR__ . "/elsewhere"); }
                public function write(string $id, string $data): bool { return file_put_contents(__DIR__ . "/elsewhere", $data) !== false; }
                public function destroy(string $id): bool { return @unlink(__DIR__ . "/elsewhere"); } public function gc(int $t): int|false { return 0; } }
             session_set_save_handler(new Elsewhere()); ' . $count . ' session_write_close(); session_start(); state("again"); session_destroy();',
        ],

        // errors on the way
        'an exception' => [$count, $count . 'throw new Exception("uncaught");', $show],
        'an exit' => [$count, $count . 'exit;', $show],
        'an error handler that throws' => [
            'set_error_handler(function ($level, $text) { throw new ErrorException($text); }); session_start();
             try { session_start(); } catch (Throwable $e) { say("thrown"); } $_SESSION["a"] = 1;',
            $show,
        ],
        'references and copies' => [
            'session_start(); $local = 1; $_SESSION["r"] = &$local; $local = 2; $copy = $_SESSION; $copy["r2"] = 1; state("referenced");',
            'session_start(); foreach ($_SESSION as &$value) { $value++; } unset($value); state("by foreach");',
            $show,
        ],
        'the session by reference' => [
            'session_start(); $s = &$_SESSION; $s["a"] = 1; function f(array &$x) { $x["f"] = 1; } f($_SESSION); state("referenced");',
            'session_start(); $s = &$_SESSION; unset($_SESSION); $s["late"] = 1;',
            $show,
        ],
    ];
}

/** A handler that says what ext/session calls. */
function logger(): string
{
    return <<<'PHP'
        class Logger extends SessionHandler
        {
            public function open(string $path, string $name): bool { return $this->said('open', parent::open($path, $name)); }
            public function close(): bool { return $this->said('close', parent::close()); }
            public function read(string $id): string|false { return $this->said('read', parent::read($id)); }
            public function write(string $id, string $data): bool { return $this->said('write', parent::write($id, $data)); }
            public function destroy(string $id): bool { return $this->said('destroy', parent::destroy($id)); }
            public function gc(int $seconds): int|false { return $this->said('gc', parent::gc($seconds)); }
            public function create_sid(): string { return $this->said('create_sid', parent::create_sid()); }
            private function said(string $what, mixed $result): mixed
            {
                say("-> $what", is_string($result) ? 'a string' : (is_int($result) ? 'a number' : $result));
                return $result;
            }
        }
        session_set_save_handler(new Logger());
        PHP . "\n";
}
