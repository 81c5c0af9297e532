-- Resource dependencies: Resources that most other resources depend on, by kind of relationship.
-- tags: dependencies, inventory
SELECT r.resourcetype AS kind, r.resourceid AS id, r.name AS relation, count(DISTINCT c.eventdata.resourceid) AS dependents
FROM configuration c
CROSS JOIN UNNEST(c.eventdata.relationships) AS r (name, resourcetype, resourceid, resourcename)
GROUP BY 1, 2, 3
ORDER BY dependents DESC
