import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { AppError, roles } from '@regatta/contracts';
import { type RegattaRequest, routeOf } from '../http/route.js';
import { AuthService } from './auth.service.js';

/** Lets a request through when its key has at least the role that the route asks for. */
@Injectable()
export class AuthGuard implements CanActivate {
  constructor(private readonly auth: AuthService) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const { role: needed } = routeOf(context);
    if (needed === 'open') return true;
    const request = context.switchToHttp().getRequest<RegattaRequest>();
    const principal = await this.auth.authenticate(request);
    if (roles.indexOf(principal.role) < roles.indexOf(needed))
      throw new AppError('forbidden', `This call needs the role ${needed}; this key has the role ${principal.role}`);
    request.principal = principal;
    return true;
  }
}
