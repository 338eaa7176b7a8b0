-- ---------------------------------------------------------------------------
-- propagate: what each project's automation was told
-- ---------------------------------------------------------------------------

CREATE TABLE tdp.automation (
	project_id integer NOT NULL,
	field text COLLATE "C" NOT NULL,
	features text COLLATE "C" NOT NULL,
	target_accuracy double precision NOT NULL
		CHECK (target_accuracy > 0 AND target_accuracy <= 1),
	settings jsonb NOT NULL DEFAULT '{}',
	PRIMARY KEY (project_id, field)
);
COMMENT ON TABLE tdp.automation IS
'Storage of what tdp.set_automation was told, for tdp.auto_annotate and tdp.iterate.';
COMMENT ON COLUMN tdp.automation.project_id IS 'The project.';
COMMENT ON COLUMN tdp.automation.field IS 'The field that is annotated.';
COMMENT ON COLUMN tdp.automation.features IS 'Column of the source that holds the features.';
COMMENT ON COLUMN tdp.automation.target_accuracy IS
'Share (0 to 1) of kept labels that should be right.';
COMMENT ON COLUMN tdp.automation.settings IS 'As for tdp.auto_annotate.';

SELECT pg_catalog.pg_extension_config_dump('tdp.automation', '');

