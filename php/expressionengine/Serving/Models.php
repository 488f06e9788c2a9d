<?php

namespace Holdfast\AddOn\Serving;

use ExpressionEngine\Model\Member\Member;
use ExpressionEngine\Service\Model\Model;

/** Models as values, and again as models as if the database had been asked: clean, with what is related to them. */
final class Models
{
    /** @return array<string, mixed> what the database has for it */
    public static function values(Model $model): array
    {
        $values = $model->getRawValues() + (fn (): array => $this->_variable_values ?? [])->call($model);
        foreach ($values as $name => $value) {
            $values[$name] = $model->typedStore($value, $name);
        }

        return $values;
    }

    /**
     * @param array<string, mixed> $values
     * @param array<string, list<Model>> $related by the name of the relation
     */
    public static function model(string $name, array $values, array $related = []): Model
    {
        $model = ee('Model')->make($name);
        $model->emit('beforeLoad');
        $model->fill($values);
        foreach ($related as $relation => $models) {
            $model->getAssociation($relation)->fill($models);
        }
        $model->emit('afterLoad');

        return $model;
    }

    /** @return array<string, mixed> the roles of a member, in each of the ways in which they have them */
    public static function rolesOf(Member $member): array
    {
        $role = static fn (Model $role): array => self::values($role);

        return [
            'primary' => self::values($member->PrimaryRole),
            'settings' => self::each($member->PrimaryRole->RoleSettings, $role),
            'roles' => self::each($member->Roles, $role),
            'groups' => self::each($member->RoleGroups, static fn (Model $group): array => [
                'group' => self::values($group),
                'roles' => self::each($group->Roles, $role),
            ]),
        ];
    }

    /**
     * @param array<string, mixed> $values
     * @param array<string, mixed> $roles as rolesOf() gave them
     */
    public static function member(array $values, array $roles): Member
    {
        $roleModels = static fn (array $all): array => array_map(static fn (array $role): Model => self::model('Role', $role), $all);
        $settings = array_map(static fn (array $setting): Model => self::model('RoleSetting', $setting), $roles['settings']);
        $groups = array_map(
            static fn (array $group): Model => self::model('RoleGroup', $group['group'], ['Roles' => $roleModels($group['roles'])]),
            $roles['groups']
        );

        return self::model('Member', $values, [
            'PrimaryRole' => [self::model('Role', $roles['primary'], ['RoleSettings' => $settings])],
            'Roles' => $roleModels($roles['roles']),
            'RoleGroups' => $groups,
        ]);
    }

    /**
     * @param iterable<Model>|null $models
     * @param callable(Model): array<string, mixed> $value
     * @return list<array<string, mixed>>
     */
    private static function each(?iterable $models, callable $value): array
    {
        $values = [];
        foreach ($models ?? [] as $model) {
            $values[] = $value($model);
        }

        return $values;
    }
}
