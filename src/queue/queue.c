/*-------------------------------------------------------------------------
 *
 * queue.c
 *	  Follow what becomes of a project.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "base/compat.h"
#include "queue/lease.h"
#include "queue/queue.h"


/*
 * Another overlap: items that are not yet answered more often get as many
 * slots.  What is held is never taken away.
 */
static void
change_overlap(const Project *project)
{
	StorageSection section;

	storage_begin(&section, false);
	storage_exec("SELECT count(*) FROM (SELECT FROM tdp.item WHERE project_id = $1 "
				 "ORDER BY key FOR NO KEY UPDATE) i", "i", project->id);
	storage_exec("UPDATE tdp.item i SET slots = greatest($2, held), "
				 "free = CASE WHEN i.state = 'w' THEN 0 ELSE greatest($2, held) - held END, "
				 "state = CASE WHEN i.state = 'w' THEN 'w'::\"char\" "
				 "WHEN held >= $2 AND leased = 0 THEN 'c' ELSE 'o' END, "
				 "seq = CASE WHEN held < $2 AND i.free = 0 THEN nextval('tdp.item_seq') ELSE i.seq END "
				 "FROM (SELECT k.item_id, count(t.slot)::smallint AS held, "
				 "count(t.slot) FILTER (WHERE t.state = 'l') AS leased "
				 "FROM tdp.item k LEFT JOIN tdp.task t ON t.item_id = k.item_id "
				 "WHERE k.project_id = $1 GROUP BY k.item_id) s "
				 "WHERE i.item_id = s.item_id", "is", project->id, project->overlap);
	section_end(&section);
}


static void
forget_tasks(const Project *project)
{
	StorageSection section;

	storage_begin(&section, false);
	storage_exec("DELETE FROM tdp.lease WHERE project_id = $1", "i",
				 project->id);
	storage_exec("DELETE FROM tdp.task t USING tdp.item i "
				 "WHERE i.item_id = t.item_id AND i.project_id = $1", "i",
				 project->id);
	section_end(&section);
}


/* What a removed member holds is free at the next request. */
static void
end_leases_of_removed(const Project *project)
{
	StorageSection section;

	storage_begin(&section, false);
	storage_exec("UPDATE tdp.lease l SET expires_at = clock_timestamp() "
				 "FROM tdp.member m WHERE m.member_id = l.member_id "
				 "AND m.project_id = $1 AND NOT m.active", "i", project->id);
	section_end(&section);
}


static void
follow_project(ProjectEvent event, const Project *project,
			   const Project *before)
{
	if (event == PROJECT_DROPPED)
		forget_tasks(project);
	else if (event == PROJECT_MEMBER_REMOVED)
		end_leases_of_removed(project);
	else if (event == PROJECT_CHANGED && project->overlap != before->overlap)
		change_overlap(project);
}


void
queue_init(void)
{
	project_listen(follow_project);
}
