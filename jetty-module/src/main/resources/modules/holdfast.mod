[description]
Keeps the sessions of web applications through the death of their node:
each change is in Redis before its response leaves.
An application takes part if its web.xml says <distributable/>
or has a context-param whose name begins with "holdfast.".

[tags]
session

[provides]
session-cache

[depends]
sessions
security

[lib]
lib/holdfast/*.jar

[xml]
etc/holdfast.xml

[ini-template]
## The name of this node, which the balancer uses, and the Redis of all nodes.
## The same settings can stand in the environment: HOLDFAST_NODE, HOLDFAST_REDIS.
# -Dholdfast.node=n1
# -Dholdfast.redis=redis://127.0.0.1:6379
