/*-------------------------------------------------------------------------
 *
 * project.h
 *	  Projects and their members, as the rooms above see them.
 *
 *-------------------------------------------------------------------------
 */
#ifndef TDP_PROJECT_H
#define TDP_PROJECT_H

#include "postgres.h"

#include "utils/array.h"
#include "utils/timestamp.h"

#include "base/storage.h"

/* A project as it is stored; strings are palloc'd, NULL where SQL NULL. */
typedef struct Project
{
	int32		id;
	char	   *name;
	char	   *owner;			/* role whose rights read the source */
	char	   *source_schema;
	char	   *source_name;
	int			nkeys;
	char	  **keys;			/* the key's columns */
	ArrayType  *columns;		/* text[]: shown; NULL: all */
	char	   *filter;
	ArrayType  *watched;		/* text[]: NULL: all */
	char	   *show_schema;
	char	   *show_name;
	char	   *search_path;
	int32		schema_version;
	Datum		label_schema;	/* tdp.label_schema */
	int			overlap;
	int			max_overlap;
	double		target_confidence;	/* 0: none */
	Interval   *lease;
	char	   *instructions;
	char	   *intake;
	char	   *prefill;
	char	   *visibility;
	char	   *views_schema;
} Project;

/* Roles of members, as bits of a mask. */
typedef enum ProjectRole
{
	ROLE_OWNER = 1,
	ROLE_MANAGER = 2,
	ROLE_REVIEWER = 4,
	ROLE_ANNOTATOR = 8,
	ROLE_VIEWER = 16,
	ROLE_MACHINE = 32
} ProjectRole;

#define ROLES_MANAGE (ROLE_OWNER | ROLE_MANAGER)
#define ROLES_READ_ALL (ROLES_MANAGE | ROLE_REVIEWER | ROLE_VIEWER)
#define ROLES_ANNOTATE \
	(ROLES_MANAGE | ROLE_REVIEWER | ROLE_ANNOTATOR | ROLE_MACHINE)

/* Somebody in a project; id 0: a role with the owner's rights, no member. */
typedef struct Member
{
	int32		id;
	char	   *name;
	ProjectRole role;
	bool		has_login;		/* a database role of their own acts for them */
	bool		active;
} Member;

/* What happened to a project, for the rooms above that keep things for it. */
typedef enum ProjectEvent
{
	PROJECT_CREATED,
	PROJECT_CHANGED,			/* "before" is the project as it was */
	PROJECT_SYNCED,				/* the source may be another table now */
	PROJECT_MEMBER_REMOVED,		/* a member is no longer active */
	PROJECT_DROPPED
} ProjectEvent;

typedef void (*ProjectListener) (ProjectEvent event, const Project *project,
								 const Project *before);

/*
 * project_listen has "listener" called for each event, in the caller's
 * transaction and outside any section; called once, when the library is
 * loaded, by each room in the order of the house.
 */
extern void project_listen(ProjectListener listener);
extern void project_notify(ProjectEvent event, const Project *project,
						   const Project *before);

/*
 * project_load reads a project by name, project_load_by_id by number.  They
 * open a section of their own.  Error TD020 when there is none, where
 * project_find returns NULL.
 */
extern Project *project_find(const char *name);
extern Project *project_load(const char *name);
extern Project *project_load_by_id(int32 id);

/*
 * project_hold keeps a project from being changed or dropped until the end of
 * the transaction, and reads it as it then is: whoever makes items by its
 * settings does so.  A change in progress it waits for, or with "wait" false
 * returns NULL.  project_lock keeps others from that too: for those who change
 * or drop it, once it is known that they may.
 */
extern Project *project_hold(const Project *project, bool wait);
extern Project *project_lock(const Project *project);

/*
 * project_me finds out what the caller is in the project: the member whose
 * login it is, else the owner when it has the owner's rights, else NULL.
 */
extern Member *project_me(const Project *project);

/*
 * project_require returns the caller's membership when its role is in
 * "roles"; TD021 for a stranger, insufficient_privilege for another role.
 * "what" completes "must be ... to", e.g. "resolve a project's answers".
 */
extern Member *project_require(const Project *project, int roles,
							   const char *what);

/*
 * project_annotator returns the member who works: the caller, or the one
 * named, for whom only the member itself may act, or a manager when they have
 * no database role.
 */
extern Member *project_annotator(const Project *project, const char *name);

/* The member of that name, removed ones too; NULL when there is none. */
extern Member *project_member(const Project *project, const char *name);

/* The word for a role, and the role for a word (0: no such role). */
extern const char *role_word(ProjectRole role);
extern ProjectRole role_from_word(const char *word);

/*
 * project_source returns the source's table, as it is by name now, or
 * InvalidOid when there is none of that name.
 */
extern Oid	project_source(const Project *project);

/*
 * Does a unique index still tell the rows of the source apart by the key?
 * The source must be there, with the key's columns.
 */
extern bool project_key_is_unique(const Project *project);

/*
 * project_check_expression raises an error unless "text" is one SQL expression
 * and nothing more.  "argument" names it, "what" says what it should be ("one
 * ... on the source's columns") and "hint" how it may look.
 */
extern void project_check_expression(const char *text, const char *argument,
									 const char *what, const char *hint);

/* schema.name of the source (or of the relation shown), quoted. */
extern char *project_source_name(const Project *project);
extern char *project_shown_name(const Project *project);

#endif							/* TDP_PROJECT_H */
