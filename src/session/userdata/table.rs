//! The variables of `userdata()`: those that every session has. docs/expressionengine-api.md lists the same, and a test
//! compares them.

/// What a variable holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A string.
    Text,
    /// An integer.
    Int,
    /// The string `y` or `n`.
    Flag,
    /// An array.
    Array,
}

/// Where the value for a member comes from. A guest has the default, but for [`Source::Session`] and [`Source::Request`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// The application's data of the member; without them, the guest's default.
    Member,
    /// The same, but a group may say otherwise.
    Privilege,
    /// The member's group.
    Group,
    /// The session.
    Session,
    /// The request.
    Request,
}

/// A variable.
#[derive(Clone, Copy, Debug)]
pub(super) struct Variable {
    pub name: &'static str,
    pub kind: Kind,
    /// What a guest has, as text; of an array nothing: it is empty.
    pub guest: &'static str,
    pub source: Source,
}

const fn variable(name: &'static str, kind: Kind, guest: &'static str, source: Source) -> Variable {
    Variable { name, kind, guest, source }
}

/// All of them, in the order of `all_userdata()`.
pub(super) const VARIABLES: &[Variable] = &[
    variable("username", Kind::Text, "", Source::Member),
    variable("screen_name", Kind::Text, "", Source::Member),
    variable("email", Kind::Text, "", Source::Member),
    variable("language", Kind::Text, "english", Source::Member),
    variable("timezone", Kind::Text, "UTC", Source::Member),
    variable("time_format", Kind::Text, "us", Source::Member),
    variable("group_id", Kind::Int, "3", Source::Member),
    variable("is_banned", Kind::Int, "0", Source::Group),
    variable("channel_id", Kind::Int, "0", Source::Member),
    variable("tmpl_group_id", Kind::Int, "0", Source::Member),
    variable("member_id", Kind::Int, "0", Source::Session),
    variable("last_visit", Kind::Int, "0", Source::Member),
    variable("total_entries", Kind::Int, "0", Source::Member),
    variable("total_comments", Kind::Int, "0", Source::Member),
    variable("total_forum_posts", Kind::Int, "0", Source::Member),
    variable("total_forum_topics", Kind::Int, "0", Source::Member),
    variable("total_forum_replies", Kind::Int, "0", Source::Member),
    variable("last_forum_post_date", Kind::Int, "0", Source::Member),
    variable("profile_theme", Kind::Text, "", Source::Member),
    variable("forum_theme", Kind::Text, "", Source::Member),
    variable("private_messages", Kind::Int, "0", Source::Member),
    variable("accept_messages", Kind::Flag, "n", Source::Member),
    variable("display_signatures", Kind::Flag, "y", Source::Member),
    variable("display_avatars", Kind::Flag, "y", Source::Member),
    variable("last_email_date", Kind::Int, "0", Source::Member),
    variable("notify_by_default", Kind::Flag, "y", Source::Member),
    variable("ignore_list", Kind::Array, "", Source::Member),
    variable("group_title", Kind::Text, "Guests", Source::Member),
    variable("is_locked", Kind::Flag, "n", Source::Member),
    variable("can_view_offline_system", Kind::Flag, "n", Source::Privilege),
    variable("can_view_online_system", Kind::Flag, "y", Source::Privilege),
    variable("can_access_cp", Kind::Flag, "n", Source::Privilege),
    variable("can_access_publish", Kind::Flag, "n", Source::Privilege),
    variable("can_access_edit", Kind::Flag, "n", Source::Privilege),
    variable("can_access_design", Kind::Flag, "n", Source::Privilege),
    variable("can_access_comm", Kind::Flag, "n", Source::Privilege),
    variable("can_access_modules", Kind::Flag, "n", Source::Privilege),
    variable("can_access_admin", Kind::Flag, "n", Source::Privilege),
    variable("can_admin_channels", Kind::Flag, "n", Source::Privilege),
    variable("can_admin_members", Kind::Flag, "n", Source::Privilege),
    variable("can_delete_members", Kind::Flag, "n", Source::Privilege),
    variable("can_admin_mbr_groups", Kind::Flag, "n", Source::Privilege),
    variable("can_admin_mbr_templates", Kind::Flag, "n", Source::Privilege),
    variable("can_ban_users", Kind::Flag, "n", Source::Privilege),
    variable("can_admin_utilities", Kind::Flag, "n", Source::Privilege),
    variable("can_admin_preferences", Kind::Flag, "n", Source::Privilege),
    variable("can_admin_modules", Kind::Flag, "n", Source::Privilege),
    variable("can_admin_templates", Kind::Flag, "n", Source::Privilege),
    variable("can_view_other_entries", Kind::Flag, "n", Source::Privilege),
    variable("can_edit_other_entries", Kind::Flag, "n", Source::Privilege),
    variable("can_assign_post_authors", Kind::Flag, "n", Source::Privilege),
    variable("can_delete_self_entries", Kind::Flag, "n", Source::Privilege),
    variable("can_delete_all_entries", Kind::Flag, "n", Source::Privilege),
    variable("can_view_other_comments", Kind::Flag, "n", Source::Privilege),
    variable("can_edit_own_comments", Kind::Flag, "n", Source::Privilege),
    variable("can_delete_own_comments", Kind::Flag, "n", Source::Privilege),
    variable("can_edit_all_comments", Kind::Flag, "n", Source::Privilege),
    variable("can_delete_all_comments", Kind::Flag, "n", Source::Privilege),
    variable("can_moderate_comments", Kind::Flag, "n", Source::Privilege),
    variable("can_send_email", Kind::Flag, "n", Source::Privilege),
    variable("can_send_cached_email", Kind::Flag, "n", Source::Privilege),
    variable("can_email_members", Kind::Flag, "n", Source::Privilege),
    variable("can_email_member_groups", Kind::Flag, "n", Source::Privilege),
    variable("can_email_mailinglist", Kind::Flag, "n", Source::Privilege),
    variable("can_email_from_profile", Kind::Flag, "n", Source::Privilege),
    variable("can_view_profiles", Kind::Flag, "n", Source::Privilege),
    variable("can_post_comments", Kind::Flag, "n", Source::Privilege),
    variable("exclude_from_moderation", Kind::Flag, "n", Source::Member),
    variable("can_search", Kind::Flag, "n", Source::Privilege),
    variable("search_flood_control", Kind::Int, "10", Source::Member),
    variable("can_send_private_messages", Kind::Flag, "n", Source::Privilege),
    variable("can_attach_in_private_messages", Kind::Flag, "n", Source::Privilege),
    variable("include_in_memberlist", Kind::Flag, "n", Source::Member),
    variable("display_photos", Kind::Flag, "y", Source::Member),
    variable("session_id", Kind::Text, "", Source::Session),
    variable("admin_sess", Kind::Int, "0", Source::Session),
    variable("can_debug", Kind::Flag, "n", Source::Session),
    variable("ip_address", Kind::Text, "", Source::Request),
    variable("user_agent", Kind::Text, "", Source::Request),
    variable("theme", Kind::Text, "", Source::Member),
    variable("quick_links", Kind::Text, "", Source::Member),
    variable("template_size", Kind::Int, "28", Source::Member),
    variable("assigned_channels", Kind::Array, "", Source::Member),
    variable("assigned_modules", Kind::Array, "", Source::Member),
    variable("show_sidebar", Kind::Flag, "y", Source::Member),
];
