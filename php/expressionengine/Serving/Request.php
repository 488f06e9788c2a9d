<?php

namespace Holdfast\AddOn\Serving;

use EE_Session;
use ExpressionEngine\Model\Member\Member;
use ExpressionEngine\Service\Model\Model;
use Holdfast\Session;

/**
 * A page or an action of somebody who may be a member, while ExpressionEngine makes its session.
 */
final class Request
{
    /** Of what is kept; another form is not served. */
    private const FORM = 1;

    /** ExpressionEngine writes a member's last activity when the one before is older, in seconds. */
    private const MEMBERS_ACTIVITY = 300;

    /** ExpressionEngine gives a remembered login a new id after so many seconds. */
    private const REMEMBERED = 86400;

    /** What the constructor makes of each request anew, before it asks the database. */
    private const OF_REQUEST = ['url', 'location', 'access_cp', 'is_banned'];

    /** What is sealed, of a member. */
    private const SECRETS = ['password', 'salt', 'unique_id', 'crypt_key', 'backup_mfa_code', 'authcode'];

    /** What the answer depends on beside the database's tables. */
    private const CONFIGURATION = [
        'site_id', 'website_session_type', 'website_session_length', 'default_site_timezone', 'date_format', 'time_format', 'week_start',
        'include_seconds', 'allow_member_localization', 'enable_photos', 'enable_mfa',
    ];

    private ?Session $visitor = null;
    private ?int $count = null;

    public function __construct(
        private readonly EE_Session $session,
        private readonly Settings $settings,
        private readonly Changes $changes,
    ) {
    }

    /** Answers from the store; false when the database must be asked. Nothing was done to the session then. */
    public function serve(): bool
    {
        if (! $this->settings->isEnabled() || ! Store::isThere()) {
            return false;
        }
        $id = (string) ee()->input->cookie($this->session->c_session);
        try {
            $visitor = Store::ofVisitor((int) $this->session->session_length);
            if ($id === '') {
                // Nobody is logged in: of who was, nothing is left.
                $visitor->hasCookie() && $visitor->destroy();

                return false;
            }
            // Before anything is read that a change may be about.
            $this->count = $this->changes->count();
            $this->visitor = $visitor;
            $kept = $visitor->hasCookie() ? $visitor->get('kept') : null;

            return is_array($kept) && $this->isTrue($kept, $id) && $this->isActive($id) && $this->answer($kept, $id);
        } catch (\Throwable $failure) {
            error_log('Holdfast: ' . $failure->getMessage());
            return false;
        }
    }

    /** Keeps what the database has said. */
    public function keep(): void
    {
        $member = $this->session->getMember();
        $model = $this->session->getSessionModel();
        $userdata = $this->session->userdata;
        if (! $this->settings->isEnabled() || ! Store::isThere() || $this->visitor === null || headers_sent()
            || $this->session->session_exists !== true || ! in_array($this->session->validation, ['c', 'cs'], true)
            || ! $member instanceof Member || $model === null
            // A session that has just got its id is kept when it comes back with it.
            || (string) $model->session_id !== (string) $userdata['session_id']
            || $userdata['mfa_flag'] !== 'skip' || ! Secrets::canBeKept()) {
            return;
        }
        if ($this->count === null) {
            $this->changes->begin();
            return;
        }
        try {
            $this->visitor->set('kept', $this->kept($member, $model, $userdata));
            $this->visitor->set('written', ee()->localize->now);
        } catch (\Throwable $failure) {
            error_log('Holdfast: ' . $failure->getMessage());
        }
    }

    /** @param array<string, mixed> $kept */
    private function isTrue(array $kept, string $id): bool
    {
        $now = ee()->localize->now;
        $validation = $this->validation();
        $remembered = (string) ee()->input->cookie('remember');
        $age = $now - $kept['at'];

        return $kept['form'] === self::FORM
            && $kept['for'] === $this->changes->name()
            && $kept['configuration'] === self::configuration()
            && hash_equals($kept['session'], hash('sha256', $id))
            && $age >= 0 && $age < $this->settings->maxAge() && $age <= $this->session->session_length
            // ExpressionEngine gives the session another id.
            && $now - $kept['begun'] <= $this->session->session_length
            && $now - $kept['userdata']['last_activity'] <= self::MEMBERS_ACTIVITY
            && $kept['validation'] === $validation
            && $kept['address'] === ee()->input->ip_address()
            // The fingerprint is a hash of this and of a key of the member's.
            && hash_equals($kept['agent'], hash('sha256', (string) ee()->input->user_agent()))
            && ($validation !== 'cs' || hash_equals($kept['fingerprint'], hash('sha256', (string) (ee()->input->get('S') ?: ee()->uri->session_id))))
            && ($kept['remembered'] === null
                ? $remembered === ''
                : hash_equals($kept['remembered'], hash('sha256', $remembered))
                    && $kept['remember']['expiration'] >= $now
                    && $kept['remember']['last_refresh'] >= $now - self::REMEMBERED)
            && $this->changes->areNoneSince($kept['count'], $kept['about']);
    }

    /** Writes that the session is in use, when it was not written for a while; false when there is no such session. */
    private function isActive(string $id): bool
    {
        $now = ee()->localize->now;
        if ($now - (int) $this->visitor->get('written') < $this->settings->activityInterval()) {
            return true;
        }
        $sessions = Watch::unseen(static function () use ($id, $now): int {
            $database = ee('db');
            $database->where('session_id', $id)->update('sessions', ['last_activity' => $now]);

            return (int) $database->affected_rows();
        });
        if ($sessions !== 1) {
            return false;
        }
        $this->visitor->set('written', $now);

        return true;
    }

    /**
     * Sets what the constructor would have set.
     *
     * @param array<string, mixed> $kept
     */
    private function answer(array $kept, string $id): bool
    {
        $secrets = Secrets::open($kept['secrets'], $kept['session']);
        if ($secrets === null) {
            return false;
        }
        $session = $this->session;
        $userdata = $kept['userdata'];
        foreach (array_intersect_key($secrets['member'], $userdata) as $name => $value) {
            $userdata[$name] = $value;
        }
        $userdata['session_id'] = $id;
        $userdata['fingerprint'] = $secrets['fingerprint'];
        $member = Models::member($secrets['member'] + $kept['member'], $kept['roles']);
        $model = Models::model('Session', ['session_id' => $id, 'fingerprint' => $secrets['fingerprint']] + $kept['model']);

        // Nothing fails from here on.
        $session->validation = $kept['validation'];
        $session->session_exists = true;
        $session->access_cp = $kept['access_cp'];
        $session->sess_crypt_key = $secrets['member']['crypt_key'];
        $session->userdata = array_merge($session->userdata, $userdata);
        $session->tracker = $session->tracker();
        $permissions = $kept['permissions'];
        $name = "Member/{$userdata['member_id']}/Permissions";
        $session->set_cache(Member::class, $name, $permissions);
        ee()->core->set_cache(Member::class, $name, $permissions);
        (function () use ($member, $model): void {
            $this->member_model = $member;
            $this->session_model = $model;
        })->bindTo($session, EE_Session::class)();
        if ($kept['remember'] !== null) {
            $remember = ['remember_me_id' => ee()->input->cookie('remember')] + $kept['remember'];
            (function () use ($remember): void {
                $this->data = $remember;
            })->call(ee()->remember);
        }

        return true;
    }

    /**
     * @param array<string, mixed> $userdata
     * @return array<string, mixed>
     */
    private function kept(Member $member, Model $model, array $userdata): array
    {
        $now = ee()->localize->now;
        $id = (string) $userdata['session_id'];
        $session = hash('sha256', $id);
        $remember = ee()->remember->exists() ? (fn (): array => $this->data)->call(ee()->remember) : null;
        $rememberId = $remember === null ? null : (string) ee()->input->cookie('remember');
        $about = [Changes::member((int) $userdata['member_id']), Changes::session($id)];
        if ($rememberId !== null) {
            $about[] = Changes::remembered($rememberId);
        }
        $values = Models::values($member);
        $secret = array_flip(self::SECRETS);
        $open = array_diff_key($userdata, array_flip(self::OF_REQUEST));
        foreach (array_keys($open) as $name) {
            // They keep their places.
            if (isset($secret[$name]) || $name === 'session_id' || $name === 'fingerprint') {
                $open[$name] = null;
            }
        }

        return [
            'form' => self::FORM,
            'for' => $this->changes->name(),
            'count' => Watch::countAfter((int) $this->count),
            'about' => $about,
            'at' => $now,
            'begun' => (int) $userdata['sess_start'],
            'configuration' => self::configuration(),
            'validation' => $this->session->validation,
            'session' => $session,
            'address' => ee()->input->ip_address(),
            'agent' => hash('sha256', (string) ee()->input->user_agent()),
            'fingerprint' => hash('sha256', (string) $userdata['fingerprint']),
            'access_cp' => $this->session->access_cp,
            'userdata' => $this->asOnTheNextPage($open, $member, $now),
            'permissions' => $member->getPermissions(),
            'member' => array_diff_key($this->asOnTheNextPage($values, $member, $now), $secret),
            'roles' => Models::rolesOf($member),
            'model' => array_diff_key(Models::values($model), ['session_id' => true, 'fingerprint' => true]),
            'secrets' => Secrets::seal(['member' => array_intersect_key($values, $secret), 'fingerprint' => $userdata['fingerprint']], $session),
            'remembered' => $rememberId === null ? null : hash('sha256', $rememberId),
            'remember' => $remember === null ? null : array_diff_key($remember, ['remember_me_id' => true]),
        ];
    }

    /**
     * The constructor reads the member, then writes that they are here: the next page reads that.
     *
     * @param array<string, mixed> $data with `last_visit` and `last_activity`
     * @return array<string, mixed>
     */
    private function asOnTheNextPage(array $data, Member $member, int $now): array
    {
        $visit = (int) $member->last_visit;
        $activity = (int) $member->last_activity;
        $data['last_visit'] = $visit;
        $data['last_activity'] = $activity;
        if ($visit === 0 || $activity + $this->session->session_length < $now) {
            $data['last_visit'] = $activity > 0 ? $activity : $now;
            $data['last_activity'] = $now;
        } elseif ($activity + self::MEMBERS_ACTIVITY < $now) {
            $data['last_activity'] = $now;
        }

        return $data;
    }

    private function validation(): string
    {
        $type = (string) ee()->config->item('website_session_type');

        return in_array($type, $this->session->valid_session_types, true) ? $type : 'cs';
    }

    private static function configuration(): string
    {
        $items = array_map(static fn (string $name): mixed => ee()->config->item($name), self::CONFIGURATION);

        return hash('sha256', serialize([APP_VER, $items]));
    }
}
