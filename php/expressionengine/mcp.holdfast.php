<?php

use Holdfast\AddOn\Serving\Settings;
use Holdfast\AddOn\Serving\State;

/** The page of settings. */
class Holdfast_mcp
{
    public function index(): array
    {
        $url = ee('CP/URL')->make('addons/settings/holdfast');
        $errors = null;
        if (ee('Request')->isPost()) {
            $errors = $this->save();
            if ($errors === null) {
                ee()->functions->redirect($url);
            }
        }
        $settings = Settings::installed();
        $state = State::of($settings);
        $alert = ee('CP/Alert')->makeInline('holdfast-state')->cannotClose()->withTitle(lang("holdfast_state_{$state->name}"));
        $state === State::Serving ? $alert->asSuccess() : $alert->asIssue();
        $alert->addToBody(lang("holdfast_state_{$state->name}_desc"))->now();

        return [
            'heading' => lang('holdfast_module_name'),
            'body' => ee('View')->make('ee:_shared/form')->render([
                'base_url' => $url,
                'cp_page_title' => lang('holdfast_module_name'),
                'save_btn_text' => 'btn_save_settings',
                'save_btn_text_working' => 'btn_saving',
                'errors' => $errors,
                'extra_alerts' => ['holdfast-state'],
                'sections' => [[
                    $this->field('enabled', ['type' => 'yes_no', 'value' => $settings->all()['enabled']]),
                    $this->field('max_age', ['type' => 'text', 'value' => $settings->maxAge()]),
                    $this->field('activity', ['type' => 'text', 'value' => $settings->activityInterval()]),
                    $this->field('forget', ['type' => 'yes_no', 'value' => 'n']),
                ]],
            ]),
        ];
    }

    /** @return \ExpressionEngine\Service\Validation\Result|null what is wrong with what was sent; null when it was saved */
    private function save(): ?\ExpressionEngine\Service\Validation\Result
    {
        $rules = [
            'enabled' => 'required|enum[y,n]',
            'max_age' => 'required|isNatural|lessThan[' . (Settings::LONGEST_AGE + 1) . ']',
            'activity' => 'required|isNatural|lessThan[' . (Settings::LONGEST_AGE + 1) . ']',
            'forget' => 'enum[y,n]',
        ];
        $result = ee('Validation')->make($rules)->validate($_POST);
        if ($result->isNotValid()) {
            ee('CP/Alert')->makeInline('shared-form')->asIssue()->withTitle(lang('holdfast_not_saved'))->now();

            return $result;
        }
        $sent = [
            'enabled' => (string) ee('Request')->post('enabled'),
            'max_age' => (int) ee('Request')->post('max_age'),
            'activity' => (int) ee('Request')->post('activity'),
        ];
        Settings::change(static fn (): array => $sent);
        if (ee('Request')->post('forget') === 'y') {
            Settings::voidAll();
        }
        ee('CP/Alert')->makeInline('shared-form')->asSuccess()->withTitle(lang('holdfast_saved'))->defer();

        return null;
    }

    /**
     * @param array<string, mixed> $input
     * @return array<string, mixed>
     */
    private function field(string $name, array $input): array
    {
        return ['title' => "holdfast_$name", 'desc' => "holdfast_{$name}_desc", 'fields' => [$name => $input]];
    }
}
