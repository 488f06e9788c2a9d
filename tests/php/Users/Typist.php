<?php

declare(strict_types=1);

namespace Holdfast\Tests\Users;

use Holdfast\Tests\Wait;
use RuntimeException;

/**
 * Somebody at a terminal, who runs one command, types what it asks for, and sees what it shows.
 */
final class Typist
{
    /** The command in a session with this terminal, and whether the terminal echoes, before and after. */
    private const SCRIPT = 'trap : INT; stty -a; "$@"; echo "exit code $?"; stty -a; echo the end';

    /** @var resource */
    private $process;

    /** @var resource */
    private $terminal;

    private string $shown = '';

    /** How much of what was shown has been answered. */
    private int $answered = 0;

    /**
     * @param list<string> $command
     * @param array<string, string> $environment
     */
    public function __construct(array $command, array $environment)
    {
        $process = proc_open(
            // The shell dies with us, and with the shell, which leads the session, what runs in it.
            ['setpriv', '--pdeathsig', 'KILL', '--', 'setsid', '--ctty', 'sh', '-c', self::SCRIPT, 'sh', ...$command],
            [['pty'], ['pty'], ['pty']],
            $pipes,
            null,
            $environment
        );
        if ($process === false) {
            throw new RuntimeException('This PHP can open no terminals (proc_open with pty).');
        }
        $this->process = $process;
        $this->terminal = $pipes[0];
        stream_set_blocking($this->terminal, false);
    }

    public function __destruct()
    {
        if (is_resource($this->process)) {
            proc_terminate($this->process, SIGKILL);
            proc_close($this->process);
        }
    }

    /** Types when it was asked. */
    public function type(string $question, string $answer): void
    {
        $this->waitFor($question);
        fwrite($this->terminal, $answer);
    }

    /** @return string all that was shown */
    public function untilItEnds(): string
    {
        $this->waitFor('the end');
        proc_close($this->process);
        return $this->shown;
    }

    /** @return list<string> 'echo' or '-echo', as stty says it */
    public function echoBeforeAndAfter(): array
    {
        preg_match_all('/(?<=\s)-?echo(?=\s)/', $this->shown, $found);
        return $found[0];
    }

    private function waitFor(string $text): void
    {
        Wait::until(function () use ($text): bool {
            $this->shown .= (string) @stream_get_contents($this->terminal);
            $place = strpos($this->shown, $text, $this->answered);
            if ($place === false) {
                return false;
            }
            $this->answered = $place + strlen($text);
            return true;
        }, "the terminal shows '$text'", fn (): string => $this->shown, 30.0);
    }
}
