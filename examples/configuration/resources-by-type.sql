-- Resources by type: How many resources of each type were recorded, and how many are deleted.
-- tags: inventory, aws config
SELECT eventdata.resourcetype AS kind, count(DISTINCT eventdata.resourceid) AS resources,
       count(DISTINCT eventdata.resourceid) FILTER (WHERE eventdata.configurationitemstatus LIKE 'ResourceDeleted%') AS gone
FROM configuration
GROUP BY 1
ORDER BY resources DESC
