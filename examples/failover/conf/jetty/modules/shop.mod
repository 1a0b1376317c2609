[description]
Customers of a shop that exists on this machine for as long as the example runs.

[depend]
security

[xml]
etc/shop-users.xml
