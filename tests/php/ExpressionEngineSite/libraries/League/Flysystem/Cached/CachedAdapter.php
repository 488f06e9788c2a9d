<?php

namespace ExpressionEngine\Dependency\League\Flysystem\Cached;

use League\Flysystem\AdapterInterface;
use League\Flysystem\Config;

/** In the place of flysystem-cached-adapter: the adapter behind it, without a cache. */
class CachedAdapter implements AdapterInterface
{
    public function __construct(private AdapterInterface $adapter, private Storage\Memory $cache)
    {
    }

    public function getAdapter()
    {
        return $this->adapter;
    }

    public function __call($method, $arguments)
    {
        return $this->adapter->$method(...$arguments);
    }

    public function write($path, $contents, Config $config)
    {
        return $this->adapter->write($path, $contents, $config);
    }

    public function writeStream($path, $resource, Config $config)
    {
        return $this->adapter->writeStream($path, $resource, $config);
    }

    public function update($path, $contents, Config $config)
    {
        return $this->adapter->update($path, $contents, $config);
    }

    public function updateStream($path, $resource, Config $config)
    {
        return $this->adapter->updateStream($path, $resource, $config);
    }

    public function rename($path, $newpath)
    {
        return $this->adapter->rename($path, $newpath);
    }

    public function copy($path, $newpath)
    {
        return $this->adapter->copy($path, $newpath);
    }

    public function delete($path)
    {
        return $this->adapter->delete($path);
    }

    public function deleteDir($dirname)
    {
        return $this->adapter->deleteDir($dirname);
    }

    public function createDir($dirname, Config $config)
    {
        return $this->adapter->createDir($dirname, $config);
    }

    public function setVisibility($path, $visibility)
    {
        return $this->adapter->setVisibility($path, $visibility);
    }

    public function has($path)
    {
        return $this->adapter->has($path);
    }

    public function read($path)
    {
        return $this->adapter->read($path);
    }

    public function readStream($path)
    {
        return $this->adapter->readStream($path);
    }

    public function listContents($directory = '', $recursive = false)
    {
        return $this->adapter->listContents($directory, $recursive);
    }

    public function getMetadata($path)
    {
        return $this->adapter->getMetadata($path);
    }

    public function getSize($path)
    {
        return $this->adapter->getSize($path);
    }

    public function getMimetype($path)
    {
        return $this->adapter->getMimetype($path);
    }

    public function getTimestamp($path)
    {
        return $this->adapter->getTimestamp($path);
    }

    public function getVisibility($path)
    {
        return $this->adapter->getVisibility($path);
    }
}
