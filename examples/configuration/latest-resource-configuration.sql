-- Latest resource configuration: The latest recorded status and configuration of each resource.
-- tags: inventory, resource state
SELECT eventdata.resourcetype AS kind, eventdata.resourceid AS id, max_by(eventdata.configurationitemstatus, eventtime) AS status, max_by(eventdata.configuration, eventtime) AS settings
FROM configuration
GROUP BY 1, 2
ORDER BY 1, 2
