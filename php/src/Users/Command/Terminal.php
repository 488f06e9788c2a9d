<?php

declare(strict_types=1);

namespace Holdfast\Users\Command;

/**
 * Standard input, output and errors of the command.
 */
final class Terminal
{
    /** What can't be printed could change the terminal, and one line must not look like two. */
    private const UNPRINTABLE = '/[^\x20-\x7E]/';

    /** A text of our own. */
    public function show(string $text): void
    {
        fwrite(STDOUT, $text . "\n");
    }

    /** One line of fields, with tabs between. */
    public function say(string ...$fields): void
    {
        fwrite(STDOUT, implode("\t", preg_replace(self::UNPRINTABLE, '?', $fields)) . "\n");
    }

    /** On standard errors, in one line. */
    public function complain(string $line): void
    {
        fwrite(STDERR, preg_replace(['/\s+/', self::UNPRINTABLE], [' ', '?'], $line) . "\n");
    }

    /**
     * Asks for a password without showing what is typed.
     *
     * @throws UsageError when there is no terminal, or its echo can't be switched off
     */
    public function ask(string $question): string
    {
        if (!stream_isatty(STDIN)) {
            throw new UsageError('There is no terminal to ask for the password at: give it by --password-stdin.');
        }
        $before = self::stty('-g');
        if ($before === null || self::stty('-echo') === null) {
            throw new UsageError("The terminal's echo can't be switched off (stty): give the password by --password-stdin.");
        }
        $restore = static function () use ($before): void {
            self::stty($before);
            fwrite(STDERR, "\n");
        };
        if (function_exists('pcntl_signal')) {
            pcntl_async_signals(true);
            pcntl_signal(SIGINT, static function () use ($restore): void {
                $restore();
                exit(130);
            });
        }
        try {
            // After the echo went off: who waits for the question can't be too early.
            fwrite(STDERR, $question);
            return self::withoutLineEnd(self::readLine());
        } finally {
            $restore();
            if (function_exists('pcntl_signal')) {
                pcntl_signal(SIGINT, SIG_DFL);
            }
        }
    }

    /**
     * All of standard input, without the end of its last line.
     *
     * @param int $most bytes; of more, so many that it can be seen that there are more
     */
    public function readAll(int $most): string
    {
        return self::withoutLineEnd((string) stream_get_contents(STDIN, $most + strlen("x\r\n")));
    }

    /** fgets() alone would go on reading when a signal comes, and the handler would not run before the line ends. */
    private static function readLine(): string
    {
        do {
            [$read, $write, $except] = [[STDIN], null, null];
        } while (@stream_select($read, $write, $except, null) === false);
        return (string) fgets(STDIN);
    }

    private static function withoutLineEnd(string $text): string
    {
        return (string) preg_replace('/\r?\n\z/', '', $text);
    }

    /** What stty says; null when it fails. */
    private static function stty(string $argument): ?string
    {
        $process = proc_open(['stty', $argument], [STDIN, ['pipe', 'w'], ['file', '/dev/null', 'w']], $pipes);
        if ($process === false) {
            return null;
        }
        $said = trim((string) stream_get_contents($pipes[1]));
        return proc_close($process) === 0 ? $said : null;
    }
}
