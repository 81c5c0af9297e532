-- How many resources of each kind were recorded, and how many are gone.
SELECT eventdata.resourcetype AS kind, count(DISTINCT eventdata.resourceid) AS resources,
       count(DISTINCT eventdata.resourceid) FILTER (WHERE eventdata.configurationitemstatus LIKE 'ResourceDeleted%') AS gone
FROM configuration
GROUP BY 1
ORDER BY resources DESC
