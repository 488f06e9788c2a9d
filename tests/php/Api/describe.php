<?php

/**
 * Prints, as JSON, what reflection says about an API: that of the extension, or with an argument that of a stub file.
 */

declare(strict_types=1);

/** @return array<string, mixed> */
function describeClass(ReflectionClass $class): array
{
    $methods = [];
    foreach ($class->getMethods() as $method) {
        if ($method->getDeclaringClass()->getName() === $class->getName()) {
            $methods[$method->getName()] = describeMethod($method);
        }
    }
    ksort($methods);
    $interfaces = array_values(array_diff($class->getInterfaceNames(), $class->getParentClass()
        ? $class->getParentClass()->getInterfaceNames() : []));
    sort($interfaces);
    $constants = $class->getConstants();
    ksort($constants);
    return [
        'kind' => $class->isInterface() ? 'interface' : 'class',
        'abstract' => $class->isAbstract() && !$class->isInterface(),
        'final' => $class->isFinal(),
        'parent' => $class->getParentClass() ? $class->getParentClass()->getName() : null,
        'interfaces' => $interfaces,
        'constants' => $constants,
        'properties' => array_map(static fn ($property) => $property->getName(), $class->getProperties()),
        'methods' => $methods,
    ];
}

/** @return array<string, mixed> */
function describeMethod(ReflectionMethod $method): array
{
    $parameters = [];
    foreach ($method->getParameters() as $parameter) {
        $parameters[] = [
            'name' => $parameter->getName(),
            'type' => (string) $parameter->getType(),
            'optional' => $parameter->isOptional(),
            'default' => $parameter->isDefaultValueAvailable() ? var_export($parameter->getDefaultValue(), true) : null,
            'variadic' => $parameter->isVariadic(),
            'by reference' => $parameter->isPassedByReference(),
        ];
    }
    return [
        'modifiers' => implode(' ', Reflection::getModifierNames($method->getModifiers())),
        'returns' => (string) ($method->getReturnType() ?? $method->getTentativeReturnType()),
        'by reference' => $method->returnsReference(),
        'parameters' => $parameters,
    ];
}

if (isset($argv[1])) {
    $before = [...get_declared_classes(), ...get_declared_interfaces()];
    $functionsBefore = get_defined_functions()['user'];
    require $argv[1];
    $classes = array_diff([...get_declared_classes(), ...get_declared_interfaces()], $before);
    $functions = array_diff(get_defined_functions()['user'], $functionsBefore);
    $constants = [];
} else {
    $extension = new ReflectionExtension('holdfast');
    $classes = array_map(static fn ($class) => $class->getName(), $extension->getClasses());
    $functions = array_keys($extension->getFunctions());
    $constants = array_keys($extension->getConstants());
}

$described = [];
foreach (array_unique($classes) as $name) {
    $described[$name] = describeClass(new ReflectionClass($name));
}
ksort($described);
echo json_encode(
    ['classes' => $described, 'functions' => array_values($functions), 'constants' => $constants],
    JSON_PRETTY_PRINT | JSON_THROW_ON_ERROR
);
