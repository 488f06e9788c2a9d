<?php

/**
 * The public API of the Holdfast extension, for IDEs and for people. A test compares it with reflection of the built
 * extension: what stands here is what is there.
 *
 * The classes `Holdfast\Session` and `Holdfast\HookEvent` also answer to the global names `Session` and `HookEvent`,
 * unless `holdfast.global_class = 0`.
 */

namespace Holdfast {

    /**
     * A user of the site. A class of the site's own implements this over its own table; Holdfast\Users\PdoUser, of the
     * PHP library, is one that is ready made.
     */
    interface User
    {
        /**
         * What the session remembers of the user and what `UserProvider::findById()` finds it by again: an integer, or
         * a string that is not empty; 41 and '41' are one id. It never changes, and is never given to another user, not
         * even after this one was deleted: it would take over what is left of the first one's sessions.
         */
        public function getId(): int|string;

        /** The name that the user logs in with. It may change. */
        public function getName(): string;
    }

    /**
     * Where the site keeps its users. Holdfast\Users\PdoUserProvider, of the PHP library, is one over a table of its own;
     * docs/users.md shows one over a table that is there already.
     *
     * What goes wrong in these methods (a database that can't be reached) is thrown, whatever its class, and reaches the
     * caller of the session's method: no login is decided without the provider's answer.
     */
    interface UserProvider
    {
        /**
         * The user who logs in with this name.
         *
         * @param string $name as a visitor typed it: any bytes, of any length
         * @return User|null null when there is none.
         */
        public function findByName(string $name): ?User;

        /**
         * The user of this id.
         *
         * @param int|string $id what `User::getId()` gave, perhaps weeks ago
         * @return User|null null when there is none, or none any more.
         */
        public function findById(int|string $id): ?User;

        /**
         * Is this the user's password?
         *
         * @param User|null $user null = there is no user of the name that was given. It is false then, and must take as
         *   long as for a user who exists, so that nobody finds out by a watch who is a member (S37).
         * @param string $password as a visitor typed it: any bytes, of any length
         */
        public function verifyPassword(?User $user, #[\SensitiveParameter] string $password): bool;
    }

    /**
     * A provider that also tells what `Session::userdata()` gives of a member: docs/expressionengine-api.md.
     *
     * It is asked at the login and after `Session::invalidateUserdata()`, not in every request. What goes wrong in these
     * methods is thrown and reaches the caller; nobody is logged in then.
     */
    interface MemberProvider extends UserProvider
    {
        /**
         * The data of a member, by the names of docs/expressionengine-api.md, and any others. What is left out, or null, is
         * as for a guest.
         *
         * @return array<string, mixed> numbers also as digits, privileges 'y', 'n' or booleans. Values of any kind that a
         *   session can store; objects are stored with it.
         */
        public function getMemberData(User $user): array;

        /**
         * The version of the data: another one whenever the data or the member's role change. It is asked before the data, and
         * kept with them.
         */
        public function getMemberVersion(User $user): int|string;
    }

    /**
     * A visitor's session.
     *
     * Every `Session` of one cookie name in one request is a handle to the same data. The session is loaded when it
     * is first read, a key is decoded when it is read, and what changed is saved at the end of the request, after
     * shutdown functions and destructors. No cookie is sent and nothing is stored before the first change.
     *
     * Methods that ProcessWire's `$session` has take and return what they do there. Those documented without a return
     * type of their own may be overridden with or without one.
     *
     * @property array<array-key, mixed> $cache ExpressionEngine's values for this request alone, by class and key: set_cache().
     *   A session variable of that name is read by get('cache').
     * @property-read list<string> $tracker The last five pages of this visitor, the current one first, 'index' for the home
     *   page, as ExpressionEngine has them; empty unless `holdfast.tracker` is on. A session variable of that name is read by
     *   get('tracker').
     */
    class Session implements \ArrayAccess, \IteratorAggregate, \Countable, \JsonSerializable
    {
        /**
         * A handle to the session of this request.
         *
         * @param array<string, mixed> $options Override the settings `holdfast.*` of the same names for the session of
         *   this cookie name. Where it is kept: `store` (string, DSN). Its cookie: `cookie_name` (string), `cookie_path`
         *   (string), `cookie_domain` (string, '' = this host only), `cookie_secure` ('auto', true, false),
         *   `cookie_httponly` (bool), `cookie_samesite` ('Lax', 'Strict', 'None', ''), `cookie_lifetime` (int seconds, 0 =
         *   until the browser closes), `cookie_host_prefix` (bool). How long it lives: `lifetime` (int seconds without a
         *   request, at least 1), `member_lifetime` (int seconds, 0 = as `lifetime`), `absolute_lifetime` (int seconds, 0
         *   = no end), `remember_lifetime` (int seconds for which rememberMe() holds, 0 = not at all), `renewal_interval` (int seconds, 0 = never), `rotation_grace` (int seconds from 0 to 300 for which
         *   the old id leads to the new one after regenerate(), 0 = not at all). Its requests: `locking` ('auto', true,
         *   false), `lock_wait` (int seconds). Logins: `throttle` (bool), `challenge` (bool), `fingerprint` (int, a sum of
         *   2, 4, 8, 16; 0 = none), `sessions_per_user` (int, 0 = any number), `sessions_per_user_policy` ('oldest',
         *   'refuse'). Pages: `redirect_hosts` (string, hosts beside the own one that redirects may go to), `csrf_origins`
         *   (string, other origins whose forms are accepted), `trusted_proxies` (string, addresses and networks),
         *   `history` (int pages from 0 to 1000 that getHistory() keeps, 0 = none), `tracker` (bool, whether
         *   `$session->tracker` keeps the last five pages). ExpressionEngine's control panel: `control_panel` (bool, this request is
         *   one of it), `cp_lifetime` (int seconds without a request after which such a request locks it, 0 = as long as the
         *   session). And `id` (string): continue the
         *   session of this id, which this store must have issued for this cookie name; for command line scripts and
         *   workers that have no cookie.
         * @throws Exception\InvalidArgument on an unknown option or a value of a wrong type or range; it names it.
         * @throws Exception\InvalidState when this cookie name's session is already in use with other options.
         */
        public function __construct(array $options = []) {}

        /**
         * The session of this request: the one that was made first, or a new one with the settings' options.
         */
        public static function current(): Session {}

        /**
         * Loads the session now rather than at the first read. Nothing happens when it is loaded already. Hookable, and
         * called whenever the session is loaded: a before-hook runs before anything is read, when setCookieName() still
         * counts; an after-hook when the data is there. Where a hook or a subclass replaces it, the request does without
         * the session, which is empty then and refuses changes, until start().
         *
         * @return bool true
         * @throws Exception\StoreException when the store can't be read. The visitor keeps cookie and session.
         */
        public function init() {}

        /**
         * As init(); after close() or destroy(), begins again: with the data as it is stored now, or empty.
         *
         * @return bool true
         * @throws Exception\StoreException when the store can't be read.
         */
        public function start() {}

        /**
         * Saves the changes now. The session stays open, and what changes later is saved at the end of the request.
         *
         * @return bool true: from now on no crash can lose what was saved. Also true when there was nothing to save.
         * @throws Exception\StoreException when the store failed or is full: the previous version is kept there.
         * @throws Exception\UnstorableValue when a value can't be stored (a closure, a resource); it names the key.
         *   Everything else was saved; the key keeps its previous value in the store.
         * @throws Exception\InvalidState when the session was destroyed by another request.
         */
        public function save() {}

        /**
         * Saves the changes and ends the use of the session in this request. Values can still be read; changing them
         * throws Exception\InvalidState, until start().
         *
         * @return bool true
         * @throws Exception\StoreException
         * @throws Exception\UnstorableValue
         */
        public function close() {}

        /**
         * Ends the session for good: its data is removed from the store, the cookie from the browser. A request that
         * is still running can't bring it back. The session is then empty; a new value starts a new one with a new id.
         *
         * @return bool true
         * @throws Exception\StoreException
         */
        public function destroy() {}

        /**
         * Gives the session a new id and keeps its data. For `holdfast.rotation_grace` seconds (30; 0 = not at all) the
         * old id leads to the session too, for requests that the browser has sent already: they get the new cookie. Then
         * it is dead.
         *
         * @param bool $deleteOldSession true: the old id is dead at once. Where a privilege rises (a second factor was shown, a role
         *   was given), whoever has the id from before must not get in.
         * @return bool true; false when headers were already sent, so that no new cookie could be: then the id stays.
         * @throws Exception\StoreException
         */
        public function regenerate(mixed $deleteOldSession = false) {}

        /**
         * The session's id; '' as long as the visitor has none, that is before the first change of a new session.
         */
        public function getId() {}

        /** The name of the session's cookie, with the prefix `__Host-` when that is on. */
        public function getCookieName() {}

        /**
         * Sets the name of the cookie.
         *
         * @param string $cookieName letters, digits, `-` and `_`
         * @return $this
         * @throws Exception\InvalidArgument when the name has other characters or none.
         * @throws Exception\InvalidState when the session was already read or changed in this request.
         */
        public function setCookieName(mixed $cookieName) {}

        /**
         * A session variable.
         *
         * @param string|object $key Its name; a namespace when $_key is given.
         * @param string|null $_key Its name in the namespace $key; '' for the whole namespace as an array.
         * @return mixed null when there is none.
         */
        public function get(mixed $key, mixed $_key = null) {}

        /**
         * A session variable, or $val when it isn't there or null.
         *
         * @param string $key
         * @param mixed $val
         * @return mixed
         */
        public function getVal(mixed $key, mixed $val = null) {}

        /**
         * A variable of a namespace.
         *
         * @param string|object $ns A name, or an object whose class name (without PHP namespace) is the name.
         * @param string $key '' for the whole namespace as an array.
         * @return mixed null when there is none.
         * @throws Exception\InvalidArgument when $ns is neither string nor object.
         */
        public function getFor(mixed $ns, mixed $key) {}

        /**
         * A variable of a namespace, or $val when it isn't there or null.
         *
         * @param string|object $ns
         * @param string $key
         * @param mixed $val
         * @return mixed
         */
        public function getValFor(mixed $ns, mixed $key, mixed $val = null) {}

        /**
         * All session variables, or all of one namespace.
         *
         * @param string|object|null $ns
         * @return array<int|string, mixed>
         */
        public function getAll(mixed $ns = null) {}

        /**
         * All variables of a namespace; an empty array when there are none.
         *
         * @param string|object $ns
         * @return array<int|string, mixed>
         */
        public function getAllFor(mixed $ns) {}

        /**
         * Sets a session variable. Any PHP value but closures and resources; null is kept as a value.
         *
         * @param string|object $key Its name; a namespace when $_value is given and not null.
         * @param mixed $value Its value; its name in the namespace $key when $_value is given and not null.
         * @param mixed $_value Its value in the namespace.
         * @return $this
         * @throws Exception\UnstorableValue when the value itself is a closure or a resource.
         * @throws Exception\InvalidState after close().
         */
        public function set(mixed $key, mixed $value, mixed $_value = null) {}

        /**
         * Sets a variable of a namespace; null removes it.
         *
         * @param string|object $ns
         * @param string $key
         * @param mixed $value
         * @return $this
         */
        public function setFor(mixed $ns, mixed $key, mixed $value) {}

        /**
         * Removes a session variable.
         *
         * @param string|object $key Its name; a namespace when $_key is given.
         * @param string|bool|null $_key Its name in the namespace; a boolean removes the whole namespace.
         * @return $this
         */
        public function remove(mixed $key, mixed $_key = null) {}

        /**
         * Removes a variable of a namespace.
         *
         * @param string|object $ns
         * @param string|bool $key true removes the whole namespace.
         * @return $this
         */
        public function removeFor(mixed $ns, mixed $key) {}

        /**
         * Removes a namespace with all its variables.
         *
         * @param string|object $ns
         * @return $this
         */
        public function removeAllFor(mixed $ns) {}

        /**
         * Adds to a number, safe in parallel: of any number of requests that count at once, none is lost. Saved, with
         * all that this request has changed until now, when it returns. A variable that is not there, or null, counts
         * as 0; an integer that overflows becomes a float.
         *
         * @param string $key
         * @param int|float $by
         * @return int|float the new value
         * @throws Exception\InvalidArgument when the variable, or $by, is no number.
         * @throws Exception\StoreException
         */
        public function increment(mixed $key, mixed $by = 1) {}

        /**
         * Appends to an array, safe in parallel: nothing that is pushed is lost. Saved as by increment(). A variable
         * that is not there, or null, counts as an empty array.
         *
         * @param string $key
         * @param mixed $value
         * @return int the new number of items
         * @throws Exception\InvalidArgument when the variable is no array.
         * @throws Exception\StoreException
         */
        public function push(mixed $key, mixed $value) {}

        /**
         * Sets a variable to what a function makes of its stored value, one request after the other: for a stock, a
         * turn, anything that is read, decided on, and written. Saved as by increment(). The function should be quick;
         * it runs under the session's lock, and again if somebody who does not use update() has changed this variable
         * meanwhile.
         *
         * @param string $key
         * @param callable(mixed): mixed $fn gets the value, null when there is none; what it returns is the new value.
         *   When it throws, nothing is changed.
         * @return mixed the new value
         * @throws Exception\InvalidArgument when $fn can't be called.
         * @throws Exception\StoreException also when the lock is not had within `holdfast.lock_wait`.
         */
        public function update(mixed $key, mixed $fn) {}

        /**
         * Sends the visitor to another URL and ends the script as exit does: destructors, shutdown functions and output
         * buffers run, and what they change is saved; no catch and no finally runs. The session is saved before the answer
         * goes out, so that the next page finds what was set and queued here. A Location header that was set before is
         * replaced. On a command line it prints nothing and ends the script with the exit code 0. Hookable: where a hook
         * replaces or cancels it, the script goes on.
         *
         * @param string|\Stringable $url A path, a query or a fragment of this site; or a URL by http or https of the host
         *   that the visitor asked for, or of one in `holdfast.redirect_hosts`. At most 8192 bytes (S41).
         * @param int|string|bool $status true = 301 (permanent), false = 302; 301, 302, 303, 307, 308; anything else = 302.
         * @return never
         * @throws Exception\InvalidArgument when the URL leads elsewhere, or a browser or a proxy may read another one in
         *   it: `//host`, `\`, a scheme, a line break. It says why. Nothing was sent.
         * @throws Exception\InvalidState when headers were already sent; it names the file and line that began the output.
         */
        public function redirect(mixed $url, mixed $status = 302) {}

        /**
         * The same as redirect().
         *
         * @param string|\Stringable $url
         * @param int|string|bool $status
         * @return never
         * @throws Exception\InvalidArgument
         * @throws Exception\InvalidState
         */
        public function location(mixed $url, mixed $status = 302) {}

        /**
         * Gets or sets the URL to redirect to after login. It is kept in the session, as the variable `_redirectUrl`, until
         * it is replaced or the session ends; nobody is sent there by it: `$session->redirect($session->redirectUrl() ?: '/')`.
         *
         * @param string|\Stringable|null $url '' = only ask; null = forget it.
         * @return string the URL that is kept now, '' when there is none
         * @throws Exception\InvalidArgument when redirect() would refuse it.
         */
        public function redirectUrl(mixed $url = '') {}

        /**
         * Queues a notice for the visitor. It is kept in the session until a page takes it by messages(), in this request
         * or a later one.
         *
         * @param string|int|float|bool|\Stringable|array<int|string, mixed>|null $text What it says. `['Label' => 'text']` is
         *   a text with a label; every other array is shown as by print_r(), as plain text; null queues nothing.
         * @param int|bool|string|array<int, int|string> $flags Bits of Notice's constants; or their names, separated by
         *   spaces or commas, or in an array; true = Notice::log. Names that are unknown are ignored, as by ProcessWire.
         * @return $this
         * @throws Exception\InvalidArgument when $flags is anything else.
         * @throws Exception\InvalidState after close().
         */
        public function message(mixed $text, mixed $flags = 0) {}

        /**
         * Queues an error. As message(); errors() takes it.
         *
         * @param string|int|float|bool|\Stringable|array<int|string, mixed>|null $text
         * @param int|bool|string|array<int, int|string> $flags
         * @return $this
         */
        public function error(mixed $text, mixed $flags = 0) {}

        /**
         * Queues a warning. As message(); warnings() takes it.
         *
         * @param string|int|float|bool|\Stringable|array<int|string, mixed>|null $text
         * @param int|bool|string|array<int, int|string> $flags
         * @return $this
         */
        public function warning(mixed $text, mixed $flags = 0) {}

        /**
         * The queued messages, in the order in which they were queued; those with Notice::prepend in front.
         *
         * Taking them out is saved at once, with all that this request has changed until now, and safe in parallel: of any
         * number of requests exactly one gets each (S42). Where there are none, nothing is stored and no session begins.
         * What other requests have queued since this one read the session is taken too when there was one to take, and
         * else waits for the next page.
         *
         * @param bool $clear false leaves them in the queue.
         * @return list<Notice> empty also when another request has ended the session meanwhile
         * @throws Exception\InvalidState after close(), unless $clear is false.
         * @throws Exception\StoreException when they could not be taken out of the store: they stay there.
         * @throws Exception\UnstorableValue when another variable can't be stored, as by save(): they stay.
         */
        public function messages(mixed $clear = true) {}

        /**
         * The queued errors. As messages().
         *
         * @param bool $clear
         * @return list<Notice>
         */
        public function errors(mixed $clear = true) {}

        /**
         * The queued warnings. As messages().
         *
         * @param bool $clear
         * @return list<Notice>
         */
        public function warnings(mixed $clear = true) {}

        /**
         * Removes all queued notices, unseen. Saved at once, as by messages(); what another request queues at the same time
         * stays.
         *
         * @return $this
         * @throws Exception\InvalidState after close().
         * @throws Exception\StoreException
         */
        public function clearNotices() {}

        /**
         * The same as clearNotices(), by ProcessWire's name.
         *
         * @return $this
         */
        public function removeNotices() {}

        /**
         * Sets flash data: values that the visitor's next page has, and no later one. flashdata() of this request does not
         * give them. Kept in the session variable "_flashdata", so it is saved with the session: at the end of the request,
         * and by redirect() before the browser goes on.
         *
         * A key that is set again, in this request or a later one before the next page, has the last value.
         *
         * @param string|int|array<int|string, mixed> $key an array sets each of its pairs; $val is not used then
         * @param mixed $val whatever a session variable can hold
         * @return void
         * @throws Exception\UnstorableValue when a value can't be stored; none of the pairs is set then.
         * @throws Exception\InvalidState after close().
         */
        public function set_flashdata(mixed $key, mixed $val = '') {}

        /**
         * What earlier requests have set for this page; the same however often it is asked for, also after close(). Also as
         * the property `$session->flashdata`, which gives all of it; a session variable of the name "flashdata" is read and
         * set by get(), set() and `$session['flashdata']`. Assigning an array to the property shows that in this request instead, and stores nothing.
         *
         * It is this request's when it was stored before this request read the session. It ends with the first page that
         * has it, read or not: at the end of that request, or when it calls redirect() or close(). A request does not end
         * it, but can read it, when the browser says that it is not for a page: with `X-Requested-With: XMLHttpRequest`, or a
         * `Sec-Fetch-Dest` other than document, iframe and frame (unless `Sec-Fetch-Mode` is navigate). A request
         * that does not use the session leaves it alone.
         *
         * @param string|int|null $key '' or null = all of it
         * @return mixed the value; false when there is none, or when it is null; for all of it an array by key, empty when
         *   there is none
         * @throws Exception\StoreException when it can't be read: an object whose class refuses it.
         */
        public function flashdata(mixed $key = '') {}

        /**
         * Sets this request's flash data for the next page too, for a page that sends the visitor on. Does nothing where
         * there is none under this key, and in a request that does not end it (see flashdata()).
         *
         * @param string|int|null $key '' or null = all of it
         * @return void
         * @throws Exception\InvalidState after close(), when there is something to keep.
         */
        public function keep_flashdata(mixed $key = '') {}

        /**
         * keep_flashdata() of all of it, by ExpressionEngine's name.
         *
         * @return void
         * @throws Exception\InvalidState as keep_flashdata().
         */
        public function benjaminButtonFlashdata() {}

        /**
         * The last pages that the visitor has asked for, oldest first, when `holdfast.history` is on: at most as many, under
         * numbers that rise by one with each page. This page is not there before maintenance().
         *
         * @return array<int, array{time: int, url: string, page: null}> `time`: Unix time in seconds. `url`: scheme, host and
         *   path, without the query, ready to stand in HTML (`&amp;`), cut at 2048 bytes. `page`: null, where ProcessWire has
         *   the id of its page.
         */
        public function getHistory() {}

        /**
         * Records this page in the history, once per request: called by the extension at the end of every request that has
         * a `Session`, of all methods, AJAX too, and by redirect(). A page that closes the session early may call it before.
         * Saved at once and safe in parallel, as by increment(). Does nothing when `holdfast.history` is 0, when the visitor
         * has no session, and after close().
         *
         * @return void
         * @throws Exception\StoreException
         * @throws Exception\UnstorableValue when another variable can't be stored, as by save().
         */
        public function maintenance() {}

        /**
         * Gets or sets an object that the application calls the handler of this session. Holdfast has none and never calls
         * it; the method is there for modules that ask for it.
         *
         * @param object|null $sessionHandler null = only ask.
         * @return object|null what was set in this request; null when nothing was
         * @throws Exception\InvalidArgument when it is no object.
         */
        public function sessionHandler(mixed $sessionHandler = null) {}

        /**
         * Keeps a value of any kind for this request, as ExpressionEngine's add-ons do. It is not stored, and the session is
         * not read for it. All objects of this session share it, also by the property `$session->cache`, an array by class of
         * arrays by key that may be changed in place.
         *
         * @param string|int $class under what the add-on keeps its values
         * @param string|int $key
         * @param mixed $val objects, closures and resources too
         * @return $this
         * @throws Exception\InvalidArgument when a name is an array or a resource.
         * @throws Exception\InvalidState when `$session->cache` has no array in the place of the class, and when the request has
         *   ended: in the destructor of an object that was made after all others were destroyed.
         */
        public function set_cache(mixed $class, mixed $key, mixed $val) {}

        /**
         * A value that set_cache() has kept in this request.
         *
         * @param string|int $class
         * @param string|int $key
         * @param mixed $default what to give when there is none, or null
         * @return mixed the very value
         * @throws Exception\InvalidArgument when a name is an array or a resource.
         */
        public function cache(mixed $class, mixed $key, mixed $default = false) {}

        /**
         * Keeps the page of this request out of `$session->tracker`, the list of the visitor's last five pages, when it is on
         * (`holdfast.tracker`). To be called before the request ends.
         *
         * @return void
         */
        public function do_not_track() {}

        /**
         * The tokens that protect this session's forms against requests that other sites forge. Also as the property
         * `$session->CSRF`, and by get('CSRF'), so a session variable of the name "CSRF" can be set, but of what reads a
         * variable only getAll() has it; the tokens are kept in the session variable "SessionCSRF".
         *
         * @return CSRF
         */
        public function CSRF() {}

        /**
         * As CSRF(). As a string the object is the token itself.
         *
         * @return CSRF
         */
        public function getCSRF() {}

        /**
         * Sets what isChanged() and getChanges() record: true (the default) the names of variables that are set to
         * another value, false nothing. Or ProcessWire's bits: 2 names, 6 their previous values too, 4 nothing until it
         * is switched on, and then previous values too.
         *
         * @param bool|int $trackChanges
         * @return $this
         */
        public function setTrackChanges(mixed $trackChanges = true) {}

        /**
         * Was this variable set to another value since the request began or resetTrackChanges()?
         *
         * @param string $what '' = any variable.
         * @return bool
         */
        public function isChanged(mixed $what = '') {}

        /**
         * The names of the variables that were set to other values.
         *
         * @param bool|int $getValues true: an array of previous values under each name; 2: the names as keys too.
         * @return array<int|string, mixed>
         */
        public function getChanges(mixed $getValues = false) {}

        /**
         * Forgets the recorded changes. What is saved at the end of the request does not depend on them.
         *
         * @param bool|int $trackChanges as in setTrackChanges()
         * @return $this
         */
        public function resetTrackChanges(mixed $trackChanges = true) {}

        /**
         * Adds a hook: code that runs before or after a hookable method, whether the call comes from the application or
         * from inside. Hooks belong to the session of this request, so every object of its cookie name has them, and end
         * with the request. Lower priorities run first; hooks of one priority in the order in which they were added.
         *
         * A method that the class does not have is added by it, as by addHookMethod().
         *
         * @param string|array<string> $method A method's name, `Class::method` for objects of this class or its
         *   subclasses only, several with commas between them or as an array, or a name with `*` at the end for all
         *   hookable methods that begin so.
         * @param object|callable|null $toObject The object whose method $toMethod is called, or what is called: a closure,
         *   a function's name, [object, 'method']. It gets a HookEvent; what it returns is ignored.
         * @param string|callable|array<string, mixed>|null $toMethod The method of $toObject, which may be private where
         *   the calling code may call it; or the options.
         * @param array<string, mixed> $options `before` (bool, false), `after` (bool, true), `priority` (int, 100; text
         *   like '50.3' is the fourth place of 50), `fromClass` (string) as `Class::` before the method, `allInstances`
         *   (bool) for the object's own class. All else is for the hook, which finds it in `$event->options`.
         * @return string The id for removeHook(): `class:priority:method`. Several with commas between them.
         * @throws Exception\InvalidArgument when the method can't be hooked (it lists those that can) or what is given
         *   can't be called; nothing was added then.
         */
        public function addHook(mixed $method, mixed $toObject, mixed $toMethod = null, mixed $options = []) {}

        /**
         * Adds a hook that runs before the method: it may change the arguments, run in the method's place, or end the
         * call. A method that is neither hookable nor was added by a hook before is an error.
         *
         * @param string|array<string> $method as in addHook()
         * @param object|callable|null $toObject
         * @param string|callable|array<string, mixed>|null $toMethod
         * @param array<string, mixed> $options as in addHook(); `after` is false unless it is given here.
         * @return string the id, as in addHook()
         * @throws Exception\InvalidArgument
         */
        public function addHookBefore(mixed $method, mixed $toObject, mixed $toMethod = null, mixed $options = []) {}

        /**
         * Adds a hook that runs after the method: it may change the result. As addHookBefore() else.
         *
         * @param string|array<string> $method
         * @param object|callable|null $toObject
         * @param string|callable|array<string, mixed>|null $toMethod
         * @param array<string, mixed> $options
         * @return string the id, as in addHook()
         * @throws Exception\InvalidArgument
         */
        public function addHookAfter(mixed $method, mixed $toObject, mixed $toMethod = null, mixed $options = []) {}

        /**
         * Adds a method to the session for the rest of the request: its arguments are the event's, its result is
         * `$event->return`. It can be hooked itself.
         *
         * @param string|array<string> $method a name that the class does not have
         * @param object|callable|null $toObject
         * @param string|callable|array<string, mixed>|null $toMethod
         * @param array<string, mixed> $options
         * @return string the id, as in addHook()
         * @throws Exception\InvalidArgument also when the class has such a method.
         */
        public function addHookMethod(mixed $method, mixed $toObject, mixed $toMethod = null, mixed $options = []) {}

        /**
         * Removes hooks. Where one is running it runs to its end. Ids that there are not are passed over.
         *
         * @param string|array<string>|null $hookId one id, several with commas between them, or an array
         * @return $this
         */
        public function removeHook(mixed $hookId) {}

        /**
         * Is there a hook for a method of this object?
         *
         * @param string $name `method()`. Without the parentheses ProcessWire means a property: that is never hooked.
         * @return bool
         * @throws Exception\InvalidArgument when a class is named.
         */
        public function hasHook(mixed $name) {}

        /**
         * The hooks, in the order in which they run.
         *
         * @param string $method The hooks of this method for this object, under their priorities; '' or '*' for all hooks,
         *   as a list.
         * @param int $type 0 all, 1 those without a class, 2 those of a class
         * @return array<int|string, array{id: string, method: string, toObject: object|string|null, toMethod: mixed, options: array<string, mixed>}>
         */
        public function getHooks(mixed $method = '', mixed $type = 0) {}

        /**
         * Does nothing. Hookable, and called when a variable is set to another value, just before that, as long as
         * changes are tracked; for changes in place (`$session->list[] = 1`) when isChanged() or getChanges() asks.
         *
         * @param string $what the variable's name
         * @param mixed $old its value, null when there was none
         * @param mixed $new the value that it gets
         * @return null
         */
        public function changed(mixed $what, mixed $old = null, mixed $new = null) {}

        /**
         * Writes a line to PHP's error log, `name: text`, with control characters escaped. Hookable.
         *
         * @param string $str the text; nothing is written for ''
         * @param array<string, mixed> $options `name` (string, the class's name in the form `shop-session`), `user` and
         *   `url` (string, added to the line). Others are ignored.
         * @return $this
         * @throws Exception\InvalidArgument when $options is no array.
         */
        public function log(mixed $str = '', mixed $options = []) {}

        /** Calls a method that addHookMethod() added, else callUnknown(). */
        public function __call(string $method, array $arguments) {}

        /**
         * Throws an `\Error`, as PHP does. Hookable, and called when a method is called that there is not.
         *
         * @param string $method
         * @param array<int|string, mixed> $arguments
         * @throws \Error
         */
        protected function callUnknown(mixed $method, mixed $arguments) {}

        /** @return mixed the variable, null when there is none */
        public function __get(mixed $name) {}

        public function __set(mixed $name, mixed $value) {}

        /** @return bool whether the variable is there and not null */
        public function __isset(mixed $name) {}

        public function __unset(mixed $name) {}

        public function offsetExists(mixed $offset): bool {}

        public function offsetGet(mixed $offset): mixed {}

        public function offsetSet(mixed $offset, mixed $value): void {}

        public function offsetUnset(mixed $offset): void {}

        /** The number of session variables. */
        public function count(): int {}

        /** Goes through a copy of the variables, in the order in which they were first set. */
        public function getIterator(): \Traversable {}

        /** All variables, for json_encode(). */
        public function jsonSerialize(): mixed {}
        // ---- users -------------------------------------------------------------------------------------------------

        /**
         * Says who the site's users are. It counts for this request: call it where the session is made.
         *
         * @param UserProvider $users
         * @return $this
         * @throws Exception\InvalidArgument when it is something else.
         */
        public function setUserProvider(mixed $users) {}

        /** @return UserProvider|null what setUserProvider() was given; null when it was not called in this request (docs/worker-servers.md: or before). */
        public function getUserProvider() {}

        /**
         * Logs a user in: the session goes on, with its variables, under a new id, and whoever has the id from before is a
         * guest. Form tokens are new, too.
         *
         * In this order: allowLoginAttempt(), the throttle, the user is looked up, allowLogin(), authenticate(); then
         * loginSuccess() or loginFailure(); then hookLogin(). Unknown users and wrong passwords take the same time.
         *
         * @param string|User $name A name, which the provider looks up, or the user. Spaces around a name don't count.
         * @param string $pass
         * @param bool $force true: no password is needed, and nothing is throttled. See forceLogin().
         * @return User|null null when the login failed; loginFailure() is told why.
         * @throws Exception\InvalidState when headers were sent already, so that no new cookie could be; when the session
         *   is closed; when there is no provider to ask.
         * @throws Exception\InvalidArgument when the password is no text, or the user's id is empty or over 255 bytes.
         * @throws Exception\StoreException
         */
        public function login(mixed $name, mixed $pass, mixed $force = false) {}

        /**
         * Logs a user in without a password: after a password reset, or to act as somebody else.
         *
         * @param string|User $user Its name, or the user.
         * @return User|null null when there is no such user, or a hook refused.
         */
        public function forceLogin(mixed $user) {}

        /**
         * Called after a login. It does nothing: for hooks, and for subclasses to override.
         *
         * @param User $user
         */
        public function loginSuccess(mixed $user) {}

        /**
         * Called after a login that failed. It does nothing: for hooks, and for subclasses to override. Don't show the
         * reason to the visitor: it tells which names exist.
         *
         * @param string $name What was tried. People type passwords there: don't log it.
         * @param string $reason 'Blocked login attempt', 'Too many attempts', 'Unknown user', 'Login not allowed', 'Invalid
         *   password', 'Too many sessions', or 'All sessions of this user were ended meanwhile'.
         */
        public function loginFailure(mixed $name, mixed $reason) {}

        /**
         * May this user log in now? Called by login() before the password is verified; for hooks and subclasses to refuse.
         *
         * @param string $name
         * @param string|null $pass
         * @return bool false for an empty name, and while the throttle has the next attempt wait.
         */
        public function allowLogin(mixed $name, mixed $pass = null) {}

        /**
         * May anybody try to log in with this name at all? Called by login() before anything else; for hooks and subclasses
         * to refuse.
         *
         * @param string $name
         * @return bool true unless the name is empty.
         */
        public function allowLoginAttempt(mixed $name) {}

        /**
         * Is this the user's password? It asks the provider. Called by login(), and callable before something dangerous; it
         * is not throttled.
         *
         * @param User $user
         * @param string $pass
         * @return bool
         * @throws Exception\InvalidState when there is no provider.
         */
        public function authenticate(mixed $user, mixed $pass) {}

        /**
         * Logs out: the session ends for good with all its variables, in every request that is still running, and its
         * cookies are removed. Then logoutSuccess() and hookLogout() are called.
         *
         * @param bool $startNew false: nothing may be set any more in this request. true: a new value begins a new session.
         * @return $this
         * @throws Exception\StoreException
         */
        public function logout(mixed $startNew = true) {}

        /**
         * Called after a logout. It does nothing: for hooks, and for subclasses to override.
         *
         * @param User $user Who logged out.
         */
        public function logoutSuccess(mixed $user) {}

        /**
         * Called after every login, whether it succeeded or not. It does nothing: for hooks, and for subclasses to override.
         *
         * @param string $login The name that was tried.
         * @param bool $result
         */
        public function hookLogin(mixed $login, mixed $result) {}

        /**
         * Called after a logout. It does nothing: for hooks, and for subclasses to override.
         *
         * @param User $user Who logged out.
         */
        public function hookLogout(mixed $user) {}

        /**
         * Is this the session of that user, as far as this browser may use it? Called when the session of somebody who is
         * logged in is loaded: where it is false (a hook or a subclass says so), this request is a guest's, and the session
         * stays as it is for its owner.
         *
         * @param int|string $userID
         * @return bool
         */
        public function isValidSession(mixed $userID) {}

        /** @return bool Is somebody logged in? It asks the session alone, not the provider. */
        public function isLoggedin() {}

        /**
         * Who is logged in. Asks the provider once in a request. When the account is gone, the session is ended.
         *
         * @return User|null null: nobody, or there is no provider to ask.
         */
        public function getUser() {}

        /**
         * A variable of the visitor: who they are, and what they may. The names with their types are in
         * docs/expressionengine-api.md. Asks the member provider at the login, and once after invalidateUserdata().
         *
         * @param string $which
         * @param mixed $default
         * @return mixed $default when there is no such variable, or it is null.
         * @throws Exception\InvalidState when the member's data have changed and no provider was set in this request, and when
         *   the provider gives a variable another type than it has.
         */
        public function userdata(mixed $which, mixed $default = false) {}

        /**
         * All variables of the visitor; also the property `$session->userdata`, which can't be changed.
         *
         * @return array<string, mixed>
         * @throws Exception\InvalidState as userdata().
         */
        public function all_userdata() {}

        /**
         * Asks the provider for the data of who is logged in now, for this session.
         *
         * @return bool Are they others than before? false for a guest.
         * @throws Exception\InvalidState when no provider was set in this request.
         */
        public function refreshUserdata() {}

        /**
         * Says that a member's data or role have changed: each session of theirs asks the provider anew, at its next request;
         * this one at once, if it is theirs. To be called when the change is committed. Takes effect at once, and is not
         * undone by anything that this request does.
         *
         * @param User|int|string $user
         * @return static
         * @throws Exception\InvalidArgument when it is neither a user nor an id.
         * @throws Exception\StoreException when the store fails.
         */
        public function invalidateUserdata(mixed $user) {}

        /** @return User|null who is logged in, as getUser(); null: nobody. */
        public function getMember() {}

        /**
         * Logs a member in without a password, as forceLogin(). The hooks of a login run.
         *
         * @param int|string|User $member_id The id, which findById() of the provider must know; without a provider it is the
         *   member. 0 and '' are nobody's.
         * @param bool $admin_session true: `userdata('admin_sess')` is 1. It is also where the member's `can_access_cp` is y.
         * @param bool $can_debug true: `userdata('can_debug')` is y.
         * @return string the session's new id
         * @throws Exception\InvalidArgument when nobody has the id, or it is none. Nothing has changed then.
         * @throws Exception\InvalidState when a hook of allowLogin() or the limit of sessions refuses; when headers were sent
         *   already, so that no new cookie could be; when the session is closed. Nothing has changed then.
         * @throws Exception\StoreException when the store fails.
         */
        public function create_new_session(mixed $member_id, mixed $admin_session = false, mixed $can_debug = false) {}

        /**
         * Lets the session live for its lifetime from now on, as each request that reads it does, with a new id where
         * `holdfast.renewal_interval` is over. For scripts that run long. Begins no session, and brings none back.
         *
         * @return void
         * @throws Exception\StoreException when the store fails.
         */
        public function update_session() {}

        /**
         * Removes expired sessions from the store, now. It need not be called: they are never given out.
         *
         * @return void
         * @throws Exception\StoreException when the store fails.
         */
        public function delete_old_sessions() {}

        /**
         * Takes the control panel from this session: `userdata('admin_sess')` is 0, at once for every request that reads it
         * from then on. Whoever is logged in stays so. Nothing happens where it is 0 already.
         *
         * @return void
         * @throws Exception\InvalidState when the session is closed.
         * @throws Exception\StoreException when the store fails.
         */
        public function lock_cp() {}

        /** @return string the member's language; 'english' for guests, and when it is no plain name. */
        public function get_language() {}

        /**
         * Whether the visitor is banned, or a name or mail address is. It only tells.
         *
         * @param string $type 'ip': the visitor's address; 'email', 'username', 'screen_name': $match
         * @param string $match for 'ip' it means nothing. Capitals make no other name.
         * @return bool whether the list has it: holdfast.banned_ips and the like, or the option of that name. On a command
         *     line there is no address, so it is not banned.
         * @throws Exception\InvalidArgument when the type is another one, or an entry of the list is none; it is named.
         */
        public function ban_check(mixed $type = 'ip', mixed $match = '') {}

        /**
         * Whether the visitor's nation is banned. Nobody here knows nations: a hook or a subclass may.
         *
         * @param bool $show_error for hooks
         * @return bool false
         */
        public function nation_ban_check(mixed $show_error = true) {}

        /**
         * Whether a password for this name must not be looked at now. If it may, the attempt is counted, as a failure,
         * until this request ends, calls save_password_lockout(), which makes it stay one, or logs somebody in, which makes
         * it a success. Where PHP ends the script before its end, it stays a failure.
         *
         * @param string $username the name as it was typed; '': only the visitor's network is counted.
         * @return bool true: locked out. false: look at the password; always with holdfast.throttle off.
         * @throws Exception\StoreException when the store fails: take that for true.
         */
        public function check_password_lockout(mixed $username = '') {}

        /**
         * Notes that the password for this name was wrong. After check_password_lockout() in this request it is counted
         * already; without it, it is counted now.
         *
         * @param string $username as it was given to check_password_lockout()
         * @return false|null false: holdfast.throttle is off, and nothing is counted.
         * @throws Exception\StoreException when the store fails.
         */
        public function save_password_lockout(mixed $username = '') {}

        /**
         * Nothing: what was counted is forgotten in time without it, and at a login. Here because ExpressionEngine's
         * applications call it.
         *
         * @return false|null false: holdfast.throttle is off.
         */
        public function delete_password_lockout() {}

        /**
         * What URLs carry of the session. Sessions are kept by cookies alone, so nothing.
         *
         * @param string $which 'user' or 'admin'; both are the same
         * @return int 0
         */
        public function session_id(mixed $which = '') {}

        /**
         * How long the next login with this name has to wait, from this browser and this network.
         *
         * @param string $name
         * @return int seconds, rounded up; 0: none; PHP_INT_MAX: no time helps, too many attempts have failed.
         */
        public function loginWait(mixed $name) {}

        /**
         * What the throttle has counted of a name since its last successful login.
         *
         * @param string $name
         * @return array{attempts: int, failures: int} All attempts, and those whose password was verified.
         */
        public function loginAttempts(mixed $name) {}

        /**
         * Keeps this browser logged in beyond the end of its session, for `holdfast.remember_lifetime` after each time that
         * it comes back, by a second cookie. To be called after login(), when the visitor has asked for it. A login that
         * does not call it forgets what was remembered of this browser before; so does a logout.
         *
         * @return $this
         * @throws Exception\InvalidState when nobody is logged in, after output has begun, or when
         *   `holdfast.remember_lifetime` is 0.
         */
        public function rememberMe() {}

        /**
         * Forgets this browser. The session goes on.
         *
         * @return bool Was it remembered?
         */
        public function forgetMe() {}

        /**
         * Did the visitor come back without a password, by rememberMe()? Ask for the password before anything that needs one.
         *
         * @return bool false for a guest, and after a login.
         */
        public function isRestored() {}

        /**
         * For hooks: a copy of the cookie of a remembered login was used. What was remembered has ended, and every session
         * that it had begun; other sessions of the user go on, see endSessions().
         *
         * @param int|string $userID
         */
        public function rememberStolen(mixed $userID) {}

        /**
         * A variable from the session that a user has used last.
         *
         * @param User|int|string $user The user, or the user's id.
         * @param string $key
         * @return mixed null when the user has no session, or it has no such variable.
         * @throws Exception\InvalidArgument when $user is nothing of that.
         */
        public function getForUser(mixed $user, mixed $key) {}

        /**
         * The sessions of a user, the one that was used last first; then the browsers that are remembered and have none.
         *
         * @param User|int|string|null $user The user, or the user's id; null: who is logged in.
         * @return list<SessionInfo> Empty for a guest.
         */
        public function getSessions(mixed $user = null) {}

        /**
         * Ends one session of a user, and what is remembered of its login: its next request is a guest's. This session's own handle logs out.
         *
         * @param string $handle As SessionInfo gives it.
         * @param User|int|string|null $user Whose it must be; null: of who is logged in.
         * @return bool false when the user has no such session any more.
         * @throws Exception\InvalidArgument when it is no handle.
         */
        public function endSession(mixed $handle, mixed $user = null) {}

        /**
         * Ends all sessions of who is logged in, but this one. Logins that are under way don't survive it either.
         *
         * @return int how many there were
         */
        public function endOtherSessions() {}

        /**
         * Ends all sessions of a user, as after a change of the password. Logins that are under way don't survive it either.
         *
         * @param User|int|string|null $user null: of who is logged in, who is logged out with it.
         * @return int how many there were
         */
        public function endSessions(mixed $user = null) {}

        /**
         * Gives the session a name of the application's by which it can be found, as the `sid` of an identity provider.
         * Saved at once, with all other changes. A name that another session has is this one's from then on.
         *
         * @param string $id 1 to 255 bytes; '' takes it away.
         * @return $this
         */
        public function setSecondaryID(mixed $id) {}

        /** @return string '' when the session has none. */
        public function getSecondaryID() {}

        /**
         * The session that has a secondary id.
         *
         * @param string $id
         * @return SessionInfo|null
         */
        public function findBySecondaryID(mixed $id) {}

        /**
         * Gives this session a lifetime of its own. Saved at once, with all other changes.
         *
         * @param int $seconds without a request after which it ends; 0: as the settings say.
         * @return $this
         */
        public function setLifetime(mixed $seconds) {}

        /** @return int seconds without a request after which the session ends. */
        public function getLifetime() {}

        // ---- the visitor -------------------------------------------------------------------------------------------

        /**
         * The visitor's address.
         *
         * @param bool $int As an integer: IPv4 as 32 bits, of IPv6 its CRC-32.
         * @param bool|int $useClient true, 2: the address that trusted proxies (`holdfast.trusted_proxies`) saw; what a
         *   client says of itself never counts.
         * @return string|int '127.0.0.1' on a command line.
         */
        public function getIP(mixed $int = false, mixed $useClient = false) {}

        /**
         * A keyed hash of what a browser shows: which a member's requests must have in common with their login.
         *
         * @param int|bool|null $mode Bits: 2 address, 4 address as trusted proxies saw it, 8 user agent, 16 Accept header;
         *   true or 1: 8; false or 0: none; null: `holdfast.fingerprint`.
         * @param bool $debug true: what goes into it, in place of the hash.
         * @return string|false false when it is off.
         */
        public function getFingerprint(mixed $mode = null, mixed $debug = false) {}

        /**
         * Has the browser sent a session's cookie?
         *
         * @param bool $checkLogin true: the cookie that belongs to a login.
         * @return bool
         */
        public function hasCookie(mixed $checkLogin = false) {}

        /** @return bool Has the browser sent the cookie that belongs to a login? */
        public function hasLoginCookie() {}

        /** @return list<string> The names of all cookies that the session may set. */
        public function getCookieNames() {}
    }

    /**
     * A session as its owner sees it in a list, as it was when it was asked for.
     */
    final class SessionInfo
    {
        /** What endSession() takes: 32 hexadecimal digits. It stays through renewals of the id, and is no credential. */
        public readonly string $handle;

        /** The id of who is logged in; '' for a guest. */
        public readonly string $user;

        /** It is the session of this request. */
        public readonly bool $isCurrent;

        /** When it began, in Unix seconds. A login begins a session. */
        public readonly int $created;

        /** When its visitor proved who they are, in Unix seconds; of a guest's session, when it began. */
        public readonly int $authenticated;

        /** When it was used last, in Unix seconds. */
        public readonly int $lastActivity;

        /** When it ends unless it is used again, in Unix seconds. */
        public readonly int $expires;

        /** The address that logged in, as trusted proxies saw it; '' when unknown, and for a guest. */
        public readonly string $address;

        /** What the browser that logged in calls itself, at most 255 bytes: not to be trusted, escape it. '' as above. */
        public readonly string $userAgent;

        /** What setSecondaryID() has given it; ''. */
        public readonly string $secondaryId;

        /** false: it is a remembered login whose session has ended; $created and $lastActivity are when it was remembered and used. */
        public readonly bool $isOpen;

        /** Its visitor came back by rememberMe(), without a password. */
        public readonly bool $isRestored;

        /** Its browser stays logged in when the session ends. */
        public readonly bool $isRemembered;

        private function __construct() {}
    }

    /**
     * The store that `holdfast.store` names for this request, as whoever runs the site sees it: figures, sessions without
     * their ids and values, and how to end them. Nothing here is for visitors: call it behind a login of your own
     * (docs/admin.md). No session is begun or opened for it, no cookie is sent, and looking at a session is no use of it.
     *
     * Arguments of a wrong type are a TypeError, as of PHP's own functions. A store that can't be reached is an
     * Exception\StoreException.
     */
    final class Store
    {
        private function __construct() {}

        /**
         * The figures of the store. It takes less than a millisecond; with Redis, as long as a question to it.
         *
         * All are integers, and those that count do so from the creation of the store; with Redis, from when this process
         * opened it. 0 also stands for what an engine does not know, so a `capacity_bytes` of 0 is no bound.
         *
         * @return array{
         *     sessions: int, guests: int, used_bytes: int, capacity_bytes: int, commits: int, conflicts: int, merges: int,
         *     waits: int, throttled: int, expired: int, evicted: int, refused: int, recovered_locks: int, repairs: int,
         *     damaged: int, parts: list<array<string, int>>, store: string, now: int
         *   }
         *   - sessions: records that are stored: sessions, expired ones that nobody removed yet included, remembered logins,
         *     the memories of ended ones, and what the store keeps for itself
         *   - guests: those of them that are guests'
         *   - used_bytes, capacity_bytes: bytes in use, and bytes in all
         *   - commits, conflicts, merges: saves that stored something; those that met another one's; and saves that put their
         *     changes on top of another's
         *   - waits: how often a lock was not free at the first look
         *   - throttled: logins that had to wait
         *   - expired, evicted: expired sessions that were removed; guests that gave way to a full store
         *   - refused: commits refused because the store was full
         *   - recovered_locks, repairs: locks taken over from processes that died, and repairs after them
         *   - damaged: records dropped because their bytes were damaged
         *   - parts: the same figures, from `sessions` to `damaged`, of each shard of a file, or of each server; what is
         *     known of the whole only is 0
         *   - store: scheme and place of the store, never with a password
         *   - now: the store's time in Unix seconds
         */
        public static function stats(): array {}

        /**
         * Sessions that are alive, a page at a time, in an order. All sessions are looked at for it, and nobody waits:
         * docs/admin.md says how long that takes. One whose bytes are damaged is not among them.
         *
         * @param array{
         *     user?: int|string, loggedIn?: bool, idle?: int, larger?: int, network?: string, search?: string,
         *     order?: string, descending?: bool, offset?: int, limit?: int
         *   } $query
         *   - user: those of the user with this id
         *   - loggedIn: those of users (true), or of guests (false)
         *   - idle: those that nobody has asked for since so many seconds
         *   - larger: those of at least so many bytes
         *   - network: those whose login came from this address or network: `192.0.2.7`, `10.0.0.0/8`, `2001:db8::/32`
         *   - search: those in which this text is found: in the user's id, the address or the browser, in whatever case of
         *     ASCII letters, or at the beginning of the handle; '' = all
         *   - order: 'activity' (default), 'created', 'expires', 'bytes', 'user', 'address'
         *   - descending: true = the last ones first; default: false
         *   - offset: so many come before the page; default: 0
         *   - limit: so many are on the page at most: 1 to 1000; default: 50
         * @return array{sessions: list<array{
         *     handle: string, user: string, address: string, userAgent: string, created: int, authenticated: int,
         *     lastActivity: int, expires: int, bytes: int, isRestored: bool
         *   }>, matching: int}
         *   `matching`: how many there are on all pages. Of each session what SessionInfo has, by the same names: handle is
         *   what end() takes, user is '' for a guest, address and userAgent are '' where nobody logged in; all times are Unix
         *   seconds, lastActivity is good to the minute or so with which the end of a session is moved; bytes is what the
         *   record takes. User, address and browser are visitors' words: escape them.
         * @throws Exception\InvalidArgument for a key that there is not, or a value that it can't have; it names the key.
         */
        public static function sessions(array $query = []): array {}

        /**
         * Ends the session of this handle, and what is remembered of its login: whoever has its cookie is a guest from their
         * next request on, and what requests that are running would save is lost. The audit log has it as
         * `destroy`, `operator`.
         *
         * @param string $handle as sessions() gives it
         * @param string $by who ends it, for the audit log; '' = not said
         * @return bool false when there is no such session.
         * @throws Exception\InvalidArgument when it is no handle.
         */
        public static function end(string $handle, string $by = ''): bool {}

        /**
         * Ends all sessions of a user, and all that is remembered of their logins. A login that is on its way while this
         * happens does not survive it, unless it is the first of a user without a session.
         *
         * @param int|string $user the user's id, as sessions() gives it; 41 and '41' are one
         * @param string $by as in end()
         * @return int how many devices were logged out.
         * @throws Exception\InvalidArgument when the id is ''.
         */
        public static function endUser(int|string $user, string $by = ''): int {}
    }

    /**
     * What a hook is given. Each hook gets an event of its own.
     *
     * `$event->data` is another name of `$event->options`, `$event->cancel` of `$event->cancelHooks`. Any other name is
     * the argument of that key, else null, and can't be set.
     */
    class HookEvent
    {
        /** @var Session|null The object whose method was called; null when nobody holds one any more. */
        public $object;

        /** @var string the method's name */
        public $method;

        /** @var array<int, mixed> The arguments by number. What a before-hook leaves here is what the method gets. */
        public $arguments;

        /**
         * @var mixed After the method: its result, which the hook may change. Before: null, or what a before-hook that
         *   replaces the method wants to be the result.
         */
        public $return;

        /** @var bool true in a before-hook (nothing else counts): the method does not run; after-hooks do. */
        public $replace;

        /**
         * @var array<string, mixed> the options that the hook was added with, and `type` ('method'), `before`, `after`,
         *   `priority` (string), `allInstances`, `fromClass`
         */
        public $options;

        /** @var string the hook's id */
        public $id;

        /** @var string 'before' or 'after' */
        public $when;

        /**
         * @var bool true (nothing else counts): no other hook runs. In a before-hook the method does not run either, and
         *   the result is null unless `replace` is true, too.
         */
        public $cancelHooks;

        /**
         * For tests of an application's own hooks.
         *
         * @param array<string, mixed> $eventData properties
         * @throws Exception\InvalidArgument when there is no property of a name.
         */
        public function __construct(array $eventData = []) {}

        /**
         * The arguments, one of them, or sets one.
         *
         * @param int|string|null $n The number from 0 or the name that the method's own parameter has; null for all.
         * @param mixed $value not null: sets the argument, as setArgument() does.
         * @return mixed the argument, null when there is none; all by number when $n is null; $value when it is set
         * @throws Exception\InvalidArgument when an argument is set that the method does not have.
         */
        public function arguments(mixed $n = null, mixed $value = null) {}

        /**
         * The arguments by name, null for those that were not passed; or the one of this name.
         *
         * @param string $n
         * @return mixed
         */
        public function argumentsByName(mixed $n = '') {}

        /**
         * Sets an argument, null too.
         *
         * @param int|string $n its number from 0, or its name
         * @param mixed $value
         * @return $this
         * @throws Exception\InvalidArgument when the method has no argument of this name.
         */
        public function setArgument(mixed $n, mixed $value) {}

        /**
         * Removes a hook.
         *
         * @param string|HookEvent|null $hookId null, '' or this event: the hook that is running.
         * @return $this
         */
        public function removeHook(mixed $hookId) {}

        public function __get(mixed $name) {}

        /** @throws Exception\InvalidArgument when there is no such property. */
        public function __set(mixed $name, mixed $value) {}

        public function __isset(mixed $name) {}

        /** `Class::method()`. No argument is in it: passwords are among them. */
        public function __toString(): string {}
    }

    /**
     * What a session has to tell a visitor: made by Session::message(), error() and warning(), given by messages(), errors()
     * and warnings(). It never changes.
     *
     * In HTML write `$notice->html()`: the text as it is belongs into HTML as little as any other.
     *
     * ```php
     * foreach ($session->messages() as $notice) {
     *     echo "<p class='$notice->type'>", $notice->html(), '</p>';
     * }
     * ```
     *
     * The flags have the names and values of ProcessWire's. Holdfast itself heeds `prepend` (the order) and `allowMarkup`
     * (html()); all others are kept for the page that shows the notice.
     */
    final class Notice implements \Stringable
    {
        /** Goes in front of those that were queued before. */
        const prepend = 1;

        /** For a site that is being debugged. */
        const debug = 2;

        /** In ProcessWire an old word for a warning. It has no name among flags that are given as text. */
        const warning = 4;

        /** Is to be logged, too. */
        const log = 8;

        /** Is to be logged, and not shown. */
        const logOnly = 16;

        /** The text is HTML, which html() leaves as it is: never for what a visitor has written. */
        const allowMarkup = 32;

        /** allowMarkup */
        const markup = 32;

        /** Is not to be tied to a class. */
        const anonymous = 65536;

        /** Is not to be grouped with others. */
        const noGroup = 131072;

        /** noGroup */
        const separate = 131072;

        /** For users who are logged in. */
        const login = 262144;

        /** For the admin. */
        const admin = 524288;

        /** For superusers. */
        const superuser = 1048576;

        /** Is to be shown until it is removed. */
        const persist = 2097152;

        /** The text is Markdown. Holdfast reads none: html() shows it as text. */
        const allowMarkdown = 4194304;

        /** allowMarkdown */
        const markdown = 4194304;

        /** Is to be shown as often as it was queued. Holdfast always does so. */
        const allowDuplicate = 8388608;

        /** allowDuplicate */
        const duplicate = 8388608;

        /** What it says, as it was queued. */
        public readonly string $text;

        /** Bits of the constants; 0 = none. */
        public readonly int $flags;

        /** 'message', 'error' or 'warning' */
        public readonly string $type;

        /** When it was queued: Unix time in seconds; 0 when something else than Holdfast queued it. */
        public readonly int $time;

        private function __construct() {}

        /** The text, as it was queued: not for HTML. */
        public function __toString(): string {}

        /**
         * The text for HTML: as htmlspecialchars() gives it, or as it is when it has the flag `allowMarkup`.
         *
         * @return string
         */
        public function html() {}

        /**
         * @param int|string $flag A constant or a name; of several, whether it has one of them.
         * @return bool
         */
        public function hasFlag(mixed $flag) {}
    }

    /**
     * The tokens of a session's forms: `$session->CSRF`. A page of the session puts a token into its form, and the request
     * that sends the form shows it; another site's page can send the form but does not know the token. See docs/csrf.md.
     *
     * Each $id (string or integer, null is '') has a token of its own: one per kind of form is plenty. A token is valid in
     * any number of tabs, until it is reset, used up or removed with the session or with its variable "SessionCSRF". The
     * first token of a session is saved at once, as by Session::increment(), and sends the cookie if there was none.
     *
     * Every method with an $id throws Exception\InvalidArgument when it is an array or a resource.
     */
    final class CSRF
    {
        /** Ask for it by `$session->CSRF`. */
        private function __construct() {}

        /**
         * The name of the form's field, or with "X-" in front of the header, that a token is sent in: "TOKEN", digits, "X"
         * and getTokenTime().
         *
         * @param int|string|null $id
         * @return string
         * @throws Exception\StoreException
         * @throws Exception\InvalidState after close(), when the session has no tokens yet.
         */
        public function getTokenName(mixed $id = '') {}

        /**
         * The token: 86 letters, digits, "-" and "_", other ones at each call (a secret of 32 random bytes under a new
         * random pad). All of them are valid.
         *
         * @param int|string|null $id
         * @return string
         * @throws Exception\StoreException
         * @throws Exception\InvalidState after close(), when the session has no tokens yet.
         */
        public function getTokenValue(mixed $id = '') {}

        /**
         * Since when the token is valid, in seconds since 1970: since the session's first token was made or this one was
         * reset. It never expires before the session does.
         *
         * @param int|string|null $id
         * @return int
         */
        public function getTokenTime(mixed $id = '') {}

        /**
         * All three.
         *
         * @param int|string|null $id
         * @return array{name: string, value: string, time: int}
         */
        public function getToken(mixed $id = '') {}

        /**
         * A token that is accepted once. Of any number of requests that send it at the same time one is accepted. Asked for
         * twice before it was used, it is the same token. At most 100 per session wait to be used: the oldest gives way.
         * It is saved at once, as by Session::increment().
         *
         * @param int|string|null $id '' = a new one. It stands for single use until the token was used: other forms should
         *   have other ids.
         * @return array{id: string, name: string, value: string, time: int} hasValidToken() and validate() want the id.
         */
        public function getSingleUseToken(mixed $id = '') {}

        /**
         * Does this request show the token, and did no other site send it? Looks into the posted field of the token's name;
         * into the header "X-" with that name when the header X-Requested-With is XMLHttpRequest; and into the header
         * X-CSRF-Token. Then asks Origin (or Referer in its place) and Sec-Fetch-Site. Never true for GET, HEAD, OPTIONS and
         * TRACE, nor on a command line. Makes neither a session nor a token.
         *
         * A single-use token is used up when it is accepted, and that is saved before this returns. A wrong one uses
         * nothing up.
         *
         * @param int|string|null $id
         * @param bool|null $reset null = a single-use token is used up, any other stays; true = any token that is accepted
         *   is reset, so it is accepted once; false = it stays, also for a single use.
         * @return bool
         * @throws Exception\StoreException when the store failed: then nothing was accepted.
         * @throws Exception\InvalidState after close(), when a token would have to be used up.
         */
        public function hasValidToken(mixed $id = '', mixed $reset = null) {}

        /**
         * As hasValidToken(), with an exception in place of false. No token is reset by it: else a forged request would
         * make the visitor's open forms invalid.
         *
         * @param int|string|null $id
         * @return bool true
         * @throws Exception\InvalidToken
         */
        public function validate(mixed $id = '') {}

        /**
         * Makes the token of an id invalid, saved at once; the next one that is asked for is new. Of up to 256 ids; one more
         * makes every token of the session invalid.
         *
         * @param int|string|null $id
         * @return void
         */
        public function resetToken(mixed $id = '') {}

        /**
         * Makes every token of the session invalid: removes the session variable "SessionCSRF".
         *
         * @return void
         */
        public function resetAll() {}

        /**
         * `<input type='hidden' name='…' value='…' class='_post_token' />`, for a form that is sent by POST.
         *
         * @param int|string|null $id
         * @return string HTML; nothing in it needs escaping.
         */
        public function renderInput(mixed $id = '') {}

        /** getTokenValue(), for `<meta name="csrf-token" content="…">` and the header X-CSRF-Token. */
        public function __toString(): string {}
    }
}

namespace Holdfast\Exception {

    /** Every exception of Holdfast. */
    interface HoldfastException extends \Throwable {}

    /** A bad value or an unknown option: the message names it. */
    class InvalidArgument extends \InvalidArgumentException implements HoldfastException {}

    /** A call that makes no sense at this point of the session's life. */
    class InvalidState extends \LogicException implements HoldfastException {}

    /** A value that can't be stored: the message names the key. */
    class UnstorableValue extends \InvalidArgumentException implements HoldfastException {}

    /** A request that shows no valid token of its form, or that another site sent. Nothing was changed. */
    class InvalidToken extends \RuntimeException implements HoldfastException {}

    /** The store failed. Nothing that was saved before is lost. */
    class StoreException extends \RuntimeException implements HoldfastException {}

    /** Neither expired sessions nor guests could make room in the store, or the session is larger than 8 MB. */
    class StoreFull extends StoreException {}
}
