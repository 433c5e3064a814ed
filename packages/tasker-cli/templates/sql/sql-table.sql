create table if not exists people (
  email text primary key,
  name text not null,
  country text,
  born integer
);
