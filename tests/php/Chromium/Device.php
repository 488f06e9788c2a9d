<?php

declare(strict_types=1);

namespace Holdfast\Tests\Chromium;

/**
 * What a visitor holds in their hands.
 */
final class Device
{
    private const CHROME = 'AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0';

    /**
     * @param string $name for files of screenshots
     * @param int $width of the viewport, in CSS pixels; $height likewise
     */
    private function __construct(
        public readonly string $name,
        public readonly int $width,
        public readonly int $height,
        public readonly float $pixelRatio,
        public readonly bool $isPhone,
        public readonly bool $isDark,
        public readonly string $userAgent,
    ) {
    }

    public static function laptop(): self
    {
        $userAgent = 'Mozilla/5.0 (X11; Linux x86_64) ' . self::CHROME . ' Safari/537.36';
        return new self('laptop', 1280, 800, 1.0, false, false, $userAgent);
    }

    public static function phone(): self
    {
        $userAgent = 'Mozilla/5.0 (Linux; Android 10; K) ' . self::CHROME . ' Mobile Safari/537.36';
        return new self('phone', 390, 844, 2.0, true, false, $userAgent);
    }

    /** The same with the setting "dark" in its system. */
    public function dark(): self
    {
        return new self(
            "{$this->name}-dark",
            $this->width,
            $this->height,
            $this->pixelRatio,
            $this->isPhone,
            true,
            $this->userAgent
        );
    }

    /** @return array<string, mixed> what chromedriver calls `goog:chromeOptions` */
    public function options(): array
    {
        return [
            'binary' => Driver::chromium(),
            'args' => [
                '--headless=new',
                "--window-size={$this->width},{$this->height}",
                "--user-agent={$this->userAgent}",
                // The sandbox needs rights that containers and root often lack; the pages are our own.
                '--no-sandbox',
                // Containers have little /dev/shm.
                '--disable-dev-shm-usage',
                '--disable-gpu',
                '--disable-background-networking',
                '--disable-component-update',
                '--no-first-run',
                '--password-store=basic',
            ],
            // Passwords that were typed are nobody's business, and no window may ask.
            'prefs' => [
                'credentials_enable_service' => false,
                'profile.password_manager_enabled' => false,
                'profile.password_manager_leak_detection' => false,
            ],
        ] + (!$this->isPhone ? [] : ['mobileEmulation' => [
            'deviceMetrics' => [
                'width' => $this->width,
                'height' => $this->height,
                'pixelRatio' => $this->pixelRatio,
                'mobile' => true,
                'touch' => true,
            ],
            'userAgent' => $this->userAgent,
        ]]);
    }
}
