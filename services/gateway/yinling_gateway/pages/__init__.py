"""Web pages for HR, retirees, coordinators and administrators. Rendered here, usable without JavaScript."""

from fastapi import APIRouter

from yinling_gateway.pages import admin, entrance, me, people, requests, roster, static
from yinling_gateway.pages.problem_page import render_problem

router = APIRouter(include_in_schema=False)
for _part in (static, entrance, requests, me, people, roster, admin):
    router.include_router(_part.router)

__all__ = ["render_problem", "router"]
