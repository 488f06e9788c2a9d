<?php

declare(strict_types=1);

namespace Holdfast\Admin;

/**
 * Which sessions the list shows, as its address says it, and as Store::sessions() wants it.
 */
final class SessionsQuery
{
    public const ON_PAGE = 50;

    /** Columns that sort, and whether a first click on them shows the last ones first. */
    public const ORDERS = [
        'user' => false, 'address' => false, 'activity' => true, 'created' => true, 'expires' => false, 'bytes' => true,
    ];

    /** What may be chosen, in seconds. */
    public const IDLE = [300 => '5 minutes', 3600 => '1 hour', 86_400 => '1 day', 604_800 => '1 week'];

    /** What may be chosen, in bytes. */
    public const LARGER = [1024 => '1 KiB', 10_240 => '10 KiB', 102_400 => '100 KiB', 1_048_576 => '1 MiB'];

    public const WHO = ['users' => true, 'guests' => false];

    /**
     * @param int $page from 1 on
     * @param int $of how many there were when the link was made, 0 = not known
     */
    private function __construct(
        public readonly string $search,
        public readonly string $user,
        public readonly string $who,
        public readonly int $idle,
        public readonly int $larger,
        public readonly string $network,
        public readonly string $order,
        public readonly bool $isDescending,
        public readonly int $page,
        private readonly int $of = 0
    ) {
    }

    /** What the address of this request asks for; what it can't ask for is left out. */
    public static function ofRequest(): self
    {
        $order = Links::parameter('order');
        $order = isset(self::ORDERS[$order]) ? $order : 'activity';
        $direction = Links::parameter('direction');
        $among = static fn (string $name, array $choices): int => isset($choices[(int) Links::parameter($name)])
            ? (int) Links::parameter($name)
            : 0;
        return new self(
            search: trim(Links::parameter('search')),
            user: Links::parameter('user'),
            who: isset(self::WHO[Links::parameter('who')]) ? Links::parameter('who') : '',
            idle: $among('idle', self::IDLE),
            larger: $among('larger', self::LARGER),
            network: trim(Links::parameter('network')),
            order: $order,
            isDescending: $direction === '' ? self::ORDERS[$order] : $direction === 'down',
            page: self::number('page', 1),
            of: self::number('of', 0)
        );
    }

    /** @param int $of how many there are, 0 = not known */
    public function atPage(int $page, int $of = 0): self
    {
        return new self(
            $this->search,
            $this->user,
            $this->who,
            $this->idle,
            $this->larger,
            $this->network,
            $this->order,
            $this->isDescending,
            $page,
            $of
        );
    }

    /** @return array<string, mixed> for Store::sessions() */
    public function forStore(): array
    {
        $before = ($this->page - 1) * self::ON_PAGE;
        $behind = $this->of - $before - self::ON_PAGE;
        $query = [
            'order' => $this->order,
            'descending' => $this->isDescending !== $this->isFromTheEnd(),
            'offset' => $this->isFromTheEnd() ? max(0, $behind) : $before,
            'limit' => self::ON_PAGE + ($this->isFromTheEnd() ? min(0, $behind) : 0),
        ];
        $filters = ['search' => $this->search, 'user' => $this->user, 'network' => $this->network];
        $query += array_filter($filters, static fn (string $text): bool => $text !== '');
        $query += array_filter(['idle' => $this->idle, 'larger' => $this->larger]);
        return $query + ($this->who === '' ? [] : ['loggedIn' => self::WHO[$this->who]]);
    }

    /** Is the end nearer? What comes before a page costs time and memory, so it is then asked for the other way round. */
    public function isFromTheEnd(): bool
    {
        $before = ($this->page - 1) * self::ON_PAGE;
        return $this->of > $before && $this->of - $before - self::ON_PAGE < $before;
    }

    /** Does it leave any session out? */
    public function isFiltered(): bool
    {
        return $this->search . $this->user . $this->who . $this->network !== '' || $this->idle > 0 || $this->larger > 0;
    }

    /** Is it all sessions of one user? */
    public function isOfUserAlone(): bool
    {
        return $this->user !== '' && $this->search . $this->who . $this->network === '' && $this->idle === 0 && $this->larger === 0;
    }

    /** Are any of the filters set that the form keeps folded? */
    public function hasFoldedFilters(): bool
    {
        return $this->user . $this->network !== '' || $this->idle > 0 || $this->larger > 0;
    }

    /**
     * What an address says to ask for this, but for what is so anyway.
     *
     * @return array<string, string|int>
     */
    public function parameters(): array
    {
        return ['view' => 'sessions'] + array_filter([
            'search' => $this->search,
            'user' => $this->user,
            'who' => $this->who,
            'idle' => $this->idle,
            'larger' => $this->larger,
            'network' => $this->network,
            'order' => $this->order === 'activity' ? '' : $this->order,
            'direction' => $this->isDescending === self::ORDERS[$this->order] ? '' : ($this->isDescending ? 'down' : 'up'),
            'page' => $this->page === 1 ? 0 : $this->page,
            'of' => $this->of,
        ], static fn (string|int $value): bool => $value !== '' && $value !== 0);
    }

    /**
     * What the address of a click on a column's name says: the other way round where it is the order already.
     *
     * @return array<string, string|int>
     */
    public function orderedBy(string $order): array
    {
        $isDescending = $order === $this->order ? !$this->isDescending : self::ORDERS[$order];
        $others = array_diff_key($this->parameters(), ['order' => 1, 'direction' => 1, 'page' => 1, 'of' => 1]);
        return $others + ['order' => $order, 'direction' => $isDescending ? 'down' : 'up'];
    }

    private static function number(string $name, int $least): int
    {
        return max($least, min((int) Links::parameter($name), PHP_INT_MAX >> 8));
    }
}
