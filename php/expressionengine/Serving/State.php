<?php

namespace Holdfast\AddOn\Serving;

/** Whether members are served from the store, and if not, why. */
enum State
{
    case Serving;
    case SwitchedOff;
    case NoExtension;
    case StoreFails;
    case IdInUrls;
    case NoKey;

    public static function of(Settings $settings): self
    {
        return match (true) {
            ! Store::isThere() => self::NoExtension,
            ! $settings->isEnabled() => self::SwitchedOff,
            ee()->config->item('website_session_type') === 's' => self::IdInUrls,
            ! Secrets::canBeKept() => self::NoKey,
            ! Store::answers() => self::StoreFails,
            default => self::Serving,
        };
    }
}
