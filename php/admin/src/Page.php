<?php

declare(strict_types=1);

namespace Holdfast\Admin;

use Holdfast\Exception\InvalidArgument;
use Holdfast\Exception\StoreException;
use Holdfast\Store;

/**
 * The admin page.
 */
final class Page
{
    /** What came of the last form, until it is shown. */
    private const TOLD = 'holdfast-admin-told';

    private readonly Links $links;
    private readonly FormToken $token;
    private readonly View $view;
    private readonly string $actor;

    private function __construct(private readonly Site $site)
    {
        $this->actor = $site->actor();
        $this->links = new Links($site->url);
        $this->token = new FormToken($this->actor);
        $this->view = new View([
            'site' => $site, 'links' => $this->links, 'token' => $this->token, 'actor' => $this->actor, 'told' => '', 'now' => time(),
        ]);
    }

    /**
     * Answers the request, if the site allows it; whoever it does not gets a status of 403 and nothing else. Send no output before
     * it, nor behind it.
     *
     * @param array{authorise: callable(): bool, actor?: callable(): string, userName?: callable(string): ?string,
     *   url?: string, title?: string} $options
     *   - authorise: true for who may see all sessions and end them. It is asked at each request, also for figures.
     *   - actor: who that is, for the audit log
     *   - userName: what people call the user of an id; null = nothing else
     *   - url: where the page is, with the query that it needs; default: the path of this request
     *   - title: the name of the site
     * @throws \InvalidArgumentException for an option that is none, and without `authorise`.
     */
    public static function serve(array $options): void
    {
        $site = Site::of($options);
        if (!$site->allows()) {
            http_response_code(403);
            header('Content-Type: text/plain; charset=utf-8');
            View::headers();
            return;
        }
        (new self($site))->answer();
    }

    private function answer(): void
    {
        try {
            match ($_SERVER['REQUEST_METHOD'] ?? 'GET') {
                'GET', 'HEAD' => $this->show(Links::parameter('view')),
                'POST' => $this->act(),
                default => $this->fail(405, 'That can’t be done here.', 'The page takes GET and POST.'),
            };
        } catch (StoreException $failure) {
            $this->fail(503, 'The store can’t be used.', $failure->getMessage());
        }
    }

    private function show(string $view): void
    {
        match ($view) {
            '' => $this->figures(),
            'figures.json' => $this->figuresAsJson(),
            'sessions' => $this->sessions(),
            'end' => $this->ask(),
            'audit' => $this->audit(),
            default => $this->fail(404, 'There is no such page.', 'The address is not one of this page’s.'),
        };
    }

    private function figures(): void
    {
        $this->view->page('Overview', 'figures', ['stats' => Store::stats(), 'told' => $this->told()]);
    }

    private function figuresAsJson(): void
    {
        $figures = json_encode(Store::stats(), JSON_THROW_ON_ERROR | JSON_INVALID_UTF8_SUBSTITUTE);
        header('Content-Type: application/json');
        View::headers();
        echo $figures;
    }

    private function sessions(): void
    {
        $query = SessionsQuery::ofRequest();
        try {
            $found = Store::sessions($query->forStore());
            $last = max(1, intdiv($found['matching'] + SessionsQuery::ON_PAGE - 1, SessionsQuery::ON_PAGE));
            if ($query->page > $last) {
                $query = $query->atPage($last, $found['matching']);
                $found = Store::sessions($query->forStore());
            }
            if ($query->isFromTheEnd()) {
                $found['sessions'] = array_reverse($found['sessions']);
            }
            $wrong = '';
        } catch (InvalidArgument) {
            $found = ['sessions' => [], 'matching' => 0];
            $last = 1;
            $wrong = 'That is neither an address nor a network, such as 10.0.0.0/8 or 2001:db8::/32.';
        }
        $heading = $query->user === '' ? 'Sessions' : 'Devices of user ' . $this->nameOf($query->user);
        $this->view->page($heading, 'sessions', [
            'query' => $query,
            'sessions' => $found['sessions'],
            'matching' => $found['matching'],
            'last' => $last,
            'wrong' => $wrong,
            'names' => $this->namesOf(array_column($found['sessions'], 'user')),
            'now' => Store::stats()['now'],
            'told' => $this->told(),
        ], $wrong === '' ? 200 : 400);
    }

    /** Asks whether something shall be ended. With scripts nobody comes here: they ask on the list itself. */
    private function ask(): void
    {
        $ending = Ending::ofAddress();
        if ($ending === null) {
            $this->fail(404, 'There is nothing to end.', 'The address names neither a session nor a user.');
            return;
        }
        $found = Store::sessions(($ending->isOfUser() ? ['user' => $ending->whom] : ['search' => $ending->whom]) + ['limit' => 1]);
        $this->view->page('End sessions', 'end', [
            'ending' => $ending,
            'matching' => $found['matching'],
            'session' => $found['sessions'][0] ?? null,
            'names' => $this->namesOf(array_column($found['sessions'], 'user')),
            'now' => Store::stats()['now'],
        ]);
    }

    private function act(): void
    {
        if (!$this->token->isValid()) {
            $this->fail(403, 'Nothing was changed.', 'The form is not from this page, or it has grown old. Go back, reload the page and try again.');
            return;
        }
        $ending = Ending::ofForm();
        if ($ending === null) {
            $this->fail(400, 'Nothing was changed.', 'The form names neither a session nor a user.');
            return;
        }
        setcookie(self::TOLD, $ending->perform($this->actor), [
            'path' => '/', 'secure' => FormToken::isHttps(), 'httponly' => true, 'samesite' => 'Lax',
        ]);
        // Only to the list: which one, the address of the form said.
        header('Location: ' . $this->links->to(SessionsQuery::ofRequest()->parameters()), true, 303);
        View::headers();
    }

    private function audit(): void
    {
        $before = Links::parameter('before');
        $event = Links::parameter('event');
        $event = isset(AuditTrail::kinds()[$event]) ? $event : '';
        $search = trim(Links::parameter('search'));
        $trail = AuditTrail::read(
            (string) ini_get('holdfast.audit'),
            preg_match('/^\d{1,15}$/D', $before) === 1 ? (int) $before : null,
            $event,
            $search
        );
        $this->view->page('Audit trail', 'audit', ['trail' => $trail, 'event' => $event, 'search' => $search, 'before' => $before]);
    }

    private function fail(int $status, string $what, string $why): void
    {
        if ($status === 405) {
            header('Allow: GET, HEAD, POST');
        }
        $this->view->page(Text::html($what), 'failure', ['why' => $why], $status);
    }

    /** What came of the last form, once. */
    private function told(): string
    {
        $word = $_COOKIE[self::TOLD] ?? '';
        if ($word === '') {
            return '';
        }
        setcookie(self::TOLD, '', ['path' => '/', 'expires' => 1]);
        return is_string($word) ? Ending::told($word) : '';
    }

    /** A user, in HTML. */
    private function nameOf(string $user): string
    {
        $name = $this->site->userName($user);
        return Text::foreign($name === null ? $user : "$name ($user)");
    }

    /**
     * @param list<string> $users
     * @return array<string, string> what people call those who are called something else than their id
     */
    private function namesOf(array $users): array
    {
        $names = [];
        foreach (array_unique($users) as $user) {
            $name = $this->site->userName($user);
            if ($name !== null) {
                $names[$user] = $name;
            }
        }
        return $names;
    }
}
