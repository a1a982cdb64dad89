-- Run once by the postgres image, when its volume is empty: a database and its owner for each service, so that no
-- service meets another's tables and biometrics can be moved to a server of its own.
\getenv password POSTGRES_PASSWORD

CREATE ROLE registry LOGIN PASSWORD :'password';
CREATE ROLE biometrics LOGIN PASSWORD :'password';
CREATE ROLE gateway LOGIN PASSWORD :'password';

CREATE DATABASE registry OWNER registry;
CREATE DATABASE biometrics OWNER biometrics;
CREATE DATABASE gateway OWNER gateway;

REVOKE ALL ON DATABASE registry, biometrics, gateway, postgres FROM PUBLIC;

-- The password that the services hold does not open the superuser: it is left to whoever is inside the container.
ALTER ROLE postgres PASSWORD NULL;
