<?php

declare(strict_types=1);

namespace Holdfast\Admin;

/**
 * Makes pages of templates. A page has one style and one script, which the policy names by their hashes: nothing else is
 * applied, run or loaded.
 */
final class View
{
    private readonly string $style;
    private readonly string $script;

    /** @param array<string, mixed> $common variables of all templates */
    public function __construct(private readonly array $common)
    {
        $this->style = (string) file_get_contents(__DIR__ . '/../style.css');
        $this->script = (string) file_get_contents(__DIR__ . '/../script.js');
    }

    /**
     * Sends a page.
     *
     * @param string $heading what it is, in HTML
     * @param string $template a file in templates/
     * @param array<string, mixed> $variables of the template
     */
    public function page(string $heading, string $template, array $variables, int $status = 200): void
    {
        $content = $this->render($template, $variables + ['heading' => $heading]);
        http_response_code($status);
        header('Content-Type: text/html; charset=utf-8');
        header("Content-Security-Policy: default-src 'none'; style-src {$this->hash($this->style)}; script-src "
            . "{$this->hash($this->script)}; connect-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'");
        self::headers();
        echo $this->render('layout', $variables + [
            'heading' => $heading, 'content' => $content, 'style' => $this->style, 'script' => $this->script,
        ]);
    }

    /** Nobody keeps an answer, guesses its type, shows it in a frame, or takes it from another site. */
    public static function headers(): void
    {
        header('Cache-Control: no-store');
        header('X-Content-Type-Options: nosniff');
        header('X-Frame-Options: DENY');
        header('Referrer-Policy: same-origin');
        header('Cross-Origin-Resource-Policy: same-origin');
    }

    /** @param array<string, mixed> $variables */
    private function render(string $template, array $variables): string
    {
        $show = static function (string $file, array $variables): void {
            extract($variables, EXTR_SKIP);
            require $file;
        };
        ob_start();
        $show(__DIR__ . "/../templates/$template.php", $variables + $this->common);
        return (string) ob_get_clean();
    }

    private function hash(string $code): string
    {
        return "'sha256-" . base64_encode(hash('sha256', $code, true)) . "'";
    }
}
